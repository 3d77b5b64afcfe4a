namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Pillow's <c>ImageOps.equalize</c>: each channel's levels are spread so that they occur about equally often.</summary>
internal static class Equalize
{
    /// <summary>Changes the image in place. A channel of one level, or of too few pixels to spread, stays as it is.</summary>
    /// <param name="image">The image.</param>
    public static void Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<int> counts = stackalloc int[Histogram.Length];
        Histogram.Count(image, counts);
        Span<byte> tables = stackalloc byte[Histogram.Length];
        for (int at = 0; at < Histogram.Length; at += LevelMap.Levels)
            Spread(counts.Slice(at, LevelMap.Levels), tables.Slice(at, LevelMap.Levels));
        LevelMap.Apply(image, tables, tables[LevelMap.Levels..], tables[(2 * LevelMap.Levels)..]);
    }

    private static void Spread(ReadOnlySpan<int> counts, Span<byte> table)
    {
        int pixels = 0;
        foreach (int count in counts) pixels += count;
        // Pixels of the brightest level do not count. With a single level that leaves none, so the step is 0.
        int step = (pixels - counts[counts.LastIndexOfAnyExcept(0)]) / byte.MaxValue;
        int below = step / 2;
        for (int level = 0; level < table.Length; level++)
        {
            table[level] = step == 0 ? (byte)level : (byte)Math.Min(below / step, byte.MaxValue);
            below += counts[level];
        }
    }
}
