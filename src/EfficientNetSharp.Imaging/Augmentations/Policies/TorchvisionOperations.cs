using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// The operations of torchvision (torchvision/transforms/autoaugment.py, _augmentation_space and _apply_op). Levels are positions in an
/// evenly spaced row of magnitudes.
/// </summary>
internal static class TorchvisionOperations
{
    /// <summary>Positions in the rows of magnitudes: num_magnitude_bins of RandAugment and TrivialAugmentWide; 10 in AutoAugment.</summary>
    internal const int Bins = 31, AutoAugmentBins = 10;

    /// <summary>RandAugment's fourteen; shifts up to 150/331 of a side, as found on images of 331 pixels.</summary>
    internal static ImmutableArray<LeveledOperation> Standard { get; } = Space(
        shear: 0.3, size => 150.0 / 331.0 * size.Width, size => 150.0 / 331.0 * size.Height, rotation: 30, enhancement: 0.9,
        posterizing: 4);

    /// <summary>TrivialAugmentWide's fourteen, with wider ranges.</summary>
    internal static ImmutableArray<LeveledOperation> Wide { get; } = Space(
        shear: 0.99, _ => 32, _ => 32, rotation: 135, enhancement: 0.99, posterizing: 6);

    /// <summary>AutoAugment's: the standard ones and Invert.</summary>
    internal static ImmutableArray<LeveledOperation> WithInvert { get; } =
        Standard.Add(new LeveledOperation("Invert", ImageOperation.Invert, (_, _, _) => 0));

    /// <summary>A place in an evenly spaced row, in single precision as torch's <c>linspace</c>: counted from the nearer end.</summary>
    internal static float Spaced(double start, double end, int bins, int bin)
    {
        float first = (float)start, last = (float)end, step = (last - first) / (bins - 1);
        return bin < bins / 2 ? first + (step * bin) : last - (step * (bins - bin - 1));
    }

    private static ImmutableArray<LeveledOperation> Space(
        double shear, Func<ImageSize, double> columns, Func<ImageSize, double> rows, double rotation, double enhancement, int posterizing)
    {
        return
        [
            new("Identity", ImageOperation.Identity, (_, _, _) => 0),
            new("ShearX", ImageOperation.ShearX, (level, sign, scale) => Math.Tan(ShearAngle(level, sign, scale)), IsSigned: true),
            new("ShearY", ImageOperation.ShearY,
                (level, sign, scale) => Math.Sin(ShearAngle(level, sign, scale)) / Math.Cos(ShearAngle(level, sign, scale)),
                IsSigned: true),
            new("TranslateX", ImageOperation.TranslateX,
                (level, sign, scale) => -Math.Truncate(Magnitude(columns(scale.Size), level, sign, scale)), IsSigned: true),
            new("TranslateY", ImageOperation.TranslateY,
                (level, sign, scale) => -Math.Truncate(Magnitude(rows(scale.Size), level, sign, scale)), IsSigned: true),
            new("Rotate", ImageOperation.Rotate, (level, sign, scale) => Magnitude(rotation, level, sign, scale), IsSigned: true),
            new("Brightness", ImageOperation.Brightness, Enhance, IsSigned: true),
            new("Color", ImageOperation.Color, Enhance, IsSigned: true),
            new("Contrast", ImageOperation.Contrast, Enhance, IsSigned: true),
            new("Sharpness", ImageOperation.Sharpness, Enhance, IsSigned: true),
            new("Posterize", ImageOperation.Posterize,
                (level, _, scale) => 8 - MathF.Round((float)level / ((scale.Bins - 1) / (float)posterizing), MidpointRounding.ToEven)),
            new("Solarize", ImageOperation.Solarize, (level, _, scale) => Spaced(255, 0, scale.Bins, (int)level)),
            new("AutoContrast", ImageOperation.AutoContrast, (_, _, _) => 0),
            new("Equalize", ImageOperation.Equalize, (_, _, _) => 0),
        ];

        double Enhance(double level, int sign, LevelScale scale) => 1 + Magnitude(enhancement, level, sign, scale);

        // The way over degrees is torchvision's; it costs the last bit that it costs there.
        double ShearAngle(double level, int sign, LevelScale scale) =>
            Math.Atan(Magnitude(shear, level, sign, scale)) * (180 / Math.PI) * (Math.PI / 180);
    }

    private static double Magnitude(double end, double level, int sign, LevelScale scale) =>
        sign * (double)Spaced(0, end, scale.Bins, (int)level);
}
