namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Pillow's <c>ImageOps.solarize</c>: levels from a threshold on are inverted.</summary>
internal static class Solarize
{
    /// <summary>Pillow's default, half of the range; DeiT III's three-augment uses it.</summary>
    public const double DefaultThreshold = 128;

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="threshold">Levels of this and above are inverted: 0 inverts all, 256 none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not a number.</exception>
    public static void Apply(Image image, double threshold = DefaultThreshold)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (double.IsNaN(threshold)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a number.");
        Span<byte> table = stackalloc byte[LevelMap.Levels];
        for (int level = 0; level < table.Length; level++) table[level] = (byte)(level < threshold ? level : byte.MaxValue - level);
        LevelMap.Apply(image, table);
    }
}
