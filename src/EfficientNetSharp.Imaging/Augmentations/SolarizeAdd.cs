namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>The TPU code's and timm's <c>solarize_add</c>: levels below a threshold are raised.</summary>
internal static class SolarizeAdd
{
    /// <summary>Levels from here on stay; the default of both sources.</summary>
    public const int DefaultThreshold = 128;

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="addition">What is added; sums are clipped to 0 … 255.</param>
    /// <param name="threshold">Levels of this and above stay.</param>
    public static void Apply(Image image, int addition, int threshold = DefaultThreshold)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<byte> table = stackalloc byte[LevelMap.Levels];
        for (int level = 0; level < table.Length; level++)
            table[level] = (byte)(level < threshold ? Math.Clamp((long)level + addition, byte.MinValue, byte.MaxValue) : level);
        LevelMap.Apply(image, table);
    }
}
