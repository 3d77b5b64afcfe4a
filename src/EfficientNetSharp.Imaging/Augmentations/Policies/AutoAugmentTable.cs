using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>The policies of AutoAugment (Cubuk et al. 2018) for ImageNet, as different sources have them.</summary>
internal enum AutoAugmentTable
{
    /// <summary>timm's <c>v0</c>: the TPU code's policy with relative shifts.</summary>
    V0,

    /// <summary>timm's <c>v0r</c>: with a posterize that grows with its level.</summary>
    V0R,

    /// <summary>timm's <c>original</c>: the paper's policy.</summary>
    Original,

    /// <summary>timm's <c>originalr</c>: with a posterize that grows with its level.</summary>
    OriginalR,

    /// <summary>The TPU code's <c>v0</c>, with which EfficientNet was trained: shifts of up to 250 pixels.</summary>
    Tpu,

    /// <summary>torchvision's <c>AutoAugmentPolicy.IMAGENET</c>: the paper's policy with ten even magnitudes.</summary>
    Torchvision,
}

/// <summary>Half of a sub-policy.</summary>
/// <param name="Name">The operation's name in its source.</param>
/// <param name="Probability">How often it is applied.</param>
/// <param name="Level">How strongly.</param>
internal readonly record struct AutoAugmentRow(string Name, double Probability, int Level);

/// <summary>The sub-policies, 25 of two operations each.</summary>
internal static class AutoAugmentRows
{
    /// <summary>tpu/models/official/efficientnet/autoaugment.py, policy_v0.</summary>
    internal static ImmutableArray<(AutoAugmentRow First, AutoAugmentRow Second)> V0 { get; } =
    [
        (new("Equalize", 0.8, 1), new("ShearY", 0.8, 4)),
        (new("Color", 0.4, 9), new("Equalize", 0.6, 3)),
        (new("Color", 0.4, 1), new("Rotate", 0.6, 8)),
        (new("Solarize", 0.8, 3), new("Equalize", 0.4, 7)),
        (new("Solarize", 0.4, 2), new("Solarize", 0.6, 2)),
        (new("Color", 0.2, 0), new("Equalize", 0.8, 8)),
        (new("Equalize", 0.4, 8), new("SolarizeAdd", 0.8, 3)),
        (new("ShearX", 0.2, 9), new("Rotate", 0.6, 8)),
        (new("Color", 0.6, 1), new("Equalize", 1.0, 2)),
        (new("Invert", 0.4, 9), new("Rotate", 0.6, 0)),
        (new("Equalize", 1.0, 9), new("ShearY", 0.6, 3)),
        (new("Color", 0.4, 7), new("Equalize", 0.6, 0)),
        (new("Posterize", 0.4, 6), new("AutoContrast", 0.4, 7)),
        (new("Solarize", 0.6, 8), new("Color", 0.6, 9)),
        (new("Solarize", 0.2, 4), new("Rotate", 0.8, 9)),
        (new("Rotate", 1.0, 7), new("TranslateY", 0.8, 9)),
        (new("ShearX", 0.0, 0), new("Solarize", 0.8, 4)),
        (new("ShearY", 0.8, 0), new("Color", 0.6, 4)),
        (new("Color", 1.0, 0), new("Rotate", 0.6, 2)),
        (new("Equalize", 0.8, 4), new("Equalize", 0.0, 8)),
        (new("Equalize", 1.0, 4), new("AutoContrast", 0.6, 2)),
        (new("ShearY", 0.4, 7), new("SolarizeAdd", 0.6, 7)),
        (new("Posterize", 0.8, 2), new("Solarize", 0.6, 10)),
        (new("Solarize", 0.6, 8), new("Equalize", 0.6, 1)),
        (new("Color", 0.8, 6), new("Rotate", 0.4, 5)),
    ];

    /// <summary>The paper's Table 9; torchvision and timm have it alike.</summary>
    internal static ImmutableArray<(AutoAugmentRow First, AutoAugmentRow Second)> Original { get; } =
    [
        (new("Posterize", 0.4, 8), new("Rotate", 0.6, 9)),
        (new("Solarize", 0.6, 5), new("AutoContrast", 0.6, 5)),
        (new("Equalize", 0.8, 8), new("Equalize", 0.6, 3)),
        (new("Posterize", 0.6, 7), new("Posterize", 0.6, 6)),
        (new("Equalize", 0.4, 7), new("Solarize", 0.2, 4)),
        (new("Equalize", 0.4, 4), new("Rotate", 0.8, 8)),
        (new("Solarize", 0.6, 3), new("Equalize", 0.6, 7)),
        (new("Posterize", 0.8, 5), new("Equalize", 1.0, 2)),
        (new("Rotate", 0.2, 3), new("Solarize", 0.6, 8)),
        (new("Equalize", 0.6, 8), new("Posterize", 0.4, 6)),
        (new("Rotate", 0.8, 8), new("Color", 0.4, 0)),
        (new("Rotate", 0.4, 9), new("Equalize", 0.6, 2)),
        (new("Equalize", 0.0, 7), new("Equalize", 0.8, 8)),
        (new("Invert", 0.6, 4), new("Equalize", 1.0, 8)),
        (new("Color", 0.6, 4), new("Contrast", 1.0, 8)),
        (new("Rotate", 0.8, 8), new("Color", 1.0, 2)),
        (new("Color", 0.8, 8), new("Solarize", 0.8, 7)),
        (new("Sharpness", 0.4, 7), new("Invert", 0.6, 8)),
        (new("ShearX", 0.6, 5), new("Equalize", 1.0, 9)),
        (new("Color", 0.4, 0), new("Equalize", 0.6, 3)),
        (new("Equalize", 0.4, 7), new("Solarize", 0.2, 4)),
        (new("Solarize", 0.6, 5), new("AutoContrast", 0.6, 5)),
        (new("Invert", 0.6, 4), new("Equalize", 1.0, 8)),
        (new("Color", 0.6, 4), new("Contrast", 1.0, 8)),
        (new("Equalize", 0.8, 8), new("Equalize", 0.6, 3)),
    ];
}
