using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>The operations that RandAugment draws from.</summary>
/// <param name="Operations">The operations.</param>
/// <param name="Weights">How likely each is, any sum; empty for all alike and the same more than once.</param>
internal sealed record RandAugmentSet(ImmutableArray<LeveledOperation> Operations, ImmutableArray<double> Weights)
{
    private static readonly RandAugmentSet Timm = Even(
        "AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "Solarize", "SolarizeAdd", "Color", "Contrast", "Brightness",
        "Sharpness", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel");

    private static readonly RandAugmentSet TimmIncreasing = Even(
        "AutoContrast", "Equalize", "Invert", "Rotate", "PosterizeIncreasing", "SolarizeIncreasing", "SolarizeAdd", "ColorIncreasing",
        "ContrastIncreasing", "BrightnessIncreasing", "SharpnessIncreasing", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel");

    // timm's _RAND_WEIGHTED_0.
    private static readonly RandAugmentSet TimmWeighted = Weighted(
        ("Rotate", 3), ("ShearX", 2), ("ShearY", 2), ("TranslateXRel", 1), ("TranslateYRel", 1), ("ColorIncreasing", 0.25),
        ("SharpnessIncreasing", 0.25), ("AutoContrast", 0.25), ("SolarizeIncreasing", 0.05), ("SolarizeAdd", 0.05),
        ("ContrastIncreasing", 0.05), ("BrightnessIncreasing", 0.05), ("Equalize", 0.05), ("PosterizeIncreasing", 0.05), ("Invert", 0.05));

    private static readonly RandAugmentSet TimmThree = Even("SolarizeIncreasing", "Desaturate", "GaussianBlur");

    // timm's _RAND_WEIGHTED_3A.
    private static readonly RandAugmentSet TimmThreeWeighted = Weighted(
        ("SolarizeIncreasing", 6), ("Desaturate", 6), ("GaussianBlur", 6), ("Rotate", 3), ("ShearX", 2), ("ShearY", 2),
        ("PosterizeIncreasing", 1),
        ("AutoContrast", 1), ("ColorIncreasing", 1), ("SharpnessIncreasing", 1), ("ContrastIncreasing", 1), ("BrightnessIncreasing", 1),
        ("Equalize", 1), ("Invert", 1));

    private static readonly RandAugmentSet Tpu = Even(
        "AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "Solarize", "Color", "Contrast", "Brightness", "Sharpness", "ShearX",
        "ShearY", "TranslateX", "TranslateY", "Cutout", "SolarizeAdd");

    private static readonly RandAugmentSet Torchvision = new(TorchvisionOperations.Standard, []);

    internal static RandAugmentSet Of(RandAugmentTable table) => table switch
    {
        RandAugmentTable.Timm => Timm,
        RandAugmentTable.TimmIncreasing => TimmIncreasing,
        RandAugmentTable.TimmWeighted => TimmWeighted,
        RandAugmentTable.TimmThree => TimmThree,
        RandAugmentTable.TimmThreeWeighted => TimmThreeWeighted,
        RandAugmentTable.Tpu => Tpu,
        _ => Torchvision,
    };

    private static RandAugmentSet Even(params ReadOnlySpan<string> names) => new(TimmOperations.Named(names), []);

    private static RandAugmentSet Weighted(params (string Name, double Weight)[] rows) =>
        new([.. rows.Select(row => TimmOperations.Named(row.Name))], [.. rows.Select(row => row.Weight)]);
}
