namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Pillow's <c>ImageOps.autocontrast</c> without cutoff: each channel is stretched so that its darkest level becomes 0 and its brightest
/// 255.
/// </summary>
internal static class AutoContrast
{
    /// <summary>Changes the image in place. A channel of one level stays as it is.</summary>
    /// <param name="image">The image.</param>
    public static void Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<int> counts = stackalloc int[Histogram.Length];
        Histogram.Count(image, counts);
        Span<byte> tables = stackalloc byte[Histogram.Length];
        for (int at = 0; at < Histogram.Length; at += LevelMap.Levels)
            Stretch(counts.Slice(at, LevelMap.Levels), tables.Slice(at, LevelMap.Levels));
        LevelMap.Apply(image, tables, tables[LevelMap.Levels..], tables[(2 * LevelMap.Levels)..]);
    }

    private static void Stretch(ReadOnlySpan<int> counts, Span<byte> table)
    {
        int darkest = counts.IndexOfAnyExcept(0), brightest = counts.LastIndexOfAnyExcept(0);
        bool isFlat = brightest <= darkest;
        double scale = isFlat ? 1 : 255.0 / (brightest - darkest), offset = isFlat ? 0 : -darkest * scale;
        for (int level = 0; level < table.Length; level++)
            table[level] = (byte)Math.Clamp((int)((level * scale) + offset), byte.MinValue, byte.MaxValue);
    }
}
