using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// The operations of timm (timm/data/auto_augment.py, LEVEL_TO_ARG) and of the TPU code that it follows
/// (tpu/models/official/efficientnet/autoaugment.py, level_to_arg). Levels are tenths of an operation's range.
/// </summary>
internal static class TimmOperations
{
    /// <summary>The level at which an operation reaches the end of its range: _LEVEL_DENOM there, _MAX_LEVEL in the TPU code.</summary>
    internal const double TopLevel = 10;

    /// <summary>How far relative shifts go at the top level, as a share of the side (translate_pct; 0.3 in AugMix).</summary>
    internal const double RelativeTranslate = 0.45, AugMixTranslate = 0.3;

    private static readonly LeveledOperation[] All =
    [
        new("AutoContrast", ImageOperation.AutoContrast, None),
        new("Equalize", ImageOperation.Equalize, None),
        new("Invert", ImageOperation.Invert, None),
        new("Rotate", ImageOperation.Rotate, (level, sign, _) => sign * (level / TopLevel * 30), IsSigned: true),
        // Bits kept: few at low levels (TPU), few at high levels (research code), 4 to 8 (the paper).
        new("Posterize", ImageOperation.Posterize, (level, _, _) => (int)(level / TopLevel * 4)),
        new("PosterizeIncreasing", ImageOperation.Posterize, (level, _, _) => 4 - (int)(level / TopLevel * 4)),
        new("PosterizeOriginal", ImageOperation.Posterize, (level, _, _) => (int)(level / TopLevel * 4) + 4),
        new("Solarize", ImageOperation.Solarize, (level, _, _) => (int)(level / TopLevel * 256)),
        new("SolarizeIncreasing", ImageOperation.Solarize, (level, _, _) => 256 - (int)(level / TopLevel * 256)),
        new("SolarizeAdd", ImageOperation.SolarizeAdd, (level, _, _) => (int)(level / TopLevel * 110)),
        new("Color", ImageOperation.Color, Enhance),
        new("ColorIncreasing", ImageOperation.Color, EnhanceIncreasing, IsSigned: true),
        new("Contrast", ImageOperation.Contrast, Enhance),
        new("ContrastIncreasing", ImageOperation.Contrast, EnhanceIncreasing, IsSigned: true),
        new("Brightness", ImageOperation.Brightness, Enhance),
        new("BrightnessIncreasing", ImageOperation.Brightness, EnhanceIncreasing, IsSigned: true),
        new("Sharpness", ImageOperation.Sharpness, Enhance),
        new("SharpnessIncreasing", ImageOperation.Sharpness, EnhanceIncreasing, IsSigned: true),
        new("ShearX", ImageOperation.ShearX, (level, sign, _) => sign * (level / TopLevel * 0.3), IsSigned: true),
        new("ShearY", ImageOperation.ShearY, (level, sign, _) => sign * (level / TopLevel * 0.3), IsSigned: true),
        new("TranslateX", ImageOperation.TranslateX, (level, sign, scale) => sign * (level / TopLevel * scale.Translate), IsSigned: true),
        new("TranslateY", ImageOperation.TranslateY, (level, sign, scale) => sign * (level / TopLevel * scale.Translate), IsSigned: true),
        new("TranslateXRel", ImageOperation.TranslateX,
            (level, sign, scale) => sign * (level / TopLevel * scale.Translate) * scale.Size.Width, IsSigned: true),
        new("TranslateYRel", ImageOperation.TranslateY,
            (level, sign, scale) => sign * (level / TopLevel * scale.Translate) * scale.Size.Height, IsSigned: true),
        new("Cutout", ImageOperation.Cutout, (level, _, scale) => (int)(level / TopLevel * scale.Cutout)),
        // Half to all of the colour is lost.
        new("Desaturate", ImageOperation.Color, (level, _, _) => Math.Clamp(1 - (0.5 + (level / TopLevel * 0.5)), 0, 1)),
        new("GaussianBlur", ImageOperation.GaussianBlur, (level, _, _) => 0.1 + (1.9 * (level / TopLevel))),
    ];

    internal static LeveledOperation Named(string name) =>
        Array.Find(All, row => row.Name == name) ?? throw new ArgumentException(name, nameof(name));

    internal static ImmutableArray<LeveledOperation> Named(params ReadOnlySpan<string> names)
    {
        var rows = ImmutableArray.CreateBuilder<LeveledOperation>(names.Length);
        foreach (string name in names) rows.Add(Named(name));
        return rows.MoveToImmutable();
    }

    private static double None(double level, int sign, LevelScale scale) => 0;

    /// <summary>0.1 … 1.9: level 5 changes nothing.</summary>
    private static double Enhance(double level, int sign, LevelScale scale) => (level / TopLevel * 1.8) + 0.1;

    /// <summary>Away from 1 with the level, in either direction.</summary>
    private static double EnhanceIncreasing(double level, int sign, LevelScale scale) =>
        Math.Max(0.1, 1 + (sign * (level / TopLevel * 0.9)));
}
