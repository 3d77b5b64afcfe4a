using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Pillow's <c>Image.blend(from, to, factor)</c> for bytes: from + factor · (to − from) in single precision, cut off towards zero. Factors
/// above 1 go beyond <c>to</c> and are clipped.
/// </summary>
internal static class Blend
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte Bytes(int from, int to, float factor) => (byte)Math.Clamp(from + (factor * (to - from)), byte.MinValue, byte.MaxValue);

    /// <summary>Blends every channel from one fixed value to itself; 256 values decide all.</summary>
    internal static void FromConstant(Picture picture, int from, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (int value = 0; value < table.Length; value++) table[value] = Bytes(from, value, factor);

        var pixels = picture.Pixels;
        for (int i = 0; i < pixels.Length; i += Picture.BytesPerPixel)
        {
            pixels[i] = table[pixels[i]];
            pixels[i + 1] = table[pixels[i + 1]];
            pixels[i + 2] = table[pixels[i + 2]];
        }
    }

    internal static float CheckFactor(double factor)
    {
        if (!(factor >= 0) || !double.IsFinite(factor)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "A factor is 0 or more.");
        return (float)factor;
    }
}
