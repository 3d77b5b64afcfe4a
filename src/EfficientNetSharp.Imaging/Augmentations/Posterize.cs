namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Pillow's <c>ImageOps.posterize</c>: only the upper bits of each level are kept.</summary>
internal static class Posterize
{
    /// <summary>Bits of a level.</summary>
    internal const int AllBits = 8;

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="bits">Bits kept: 0 gives black, 8 or more the same image.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of bits is negative.</exception>
    public static void Apply(Image image, int bits)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        if (bits >= AllBits) return;
        uint kept = 0xFFu & ~((1u << (AllBits - bits)) - 1);
        PackedPixelMap.And(image.PackedPixels, (kept * 0x01010101u) | Image.OpaqueBlack);
    }
}
