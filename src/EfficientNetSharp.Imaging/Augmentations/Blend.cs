using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Pillow's <c>Image.blend(from, to, factor)</c> for bytes: from + factor · (to − from) in single precision, cut off towards zero. Factors
/// above 1 go beyond <c>to</c> and are clipped.
/// </summary>
internal static class Blend
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte Bytes(int from, int to, float factor) =>
        (byte)Math.Clamp(from + (factor * (to - from)), byte.MinValue, byte.MaxValue);

    /// <summary>Blends every channel from one fixed value to itself; 256 values decide all.</summary>
    internal static void FromConstant(Image image, int from, float factor)
    {
        Span<byte> table = stackalloc byte[LevelMap.Levels];
        for (int value = 0; value < table.Length; value++) table[value] = Bytes(from, value, factor);
        LevelMap.Apply(image, table);
    }

    /// <summary>Blends every pixel from its luma to itself.</summary>
    internal static void FromLuma(Image image, float factor)
    {
        var words = image.PackedPixels;
        ref uint reference = ref MemoryMarshal.GetReference(words);
        int i = 0;
        // Eight pixels per step, one channel after the other.
        for (; i + Vector256<uint>.Count <= words.Length; i += Vector256<uint>.Count)
        {
            var pixels = Vector256.LoadUnsafe(ref reference, (nuint)i);
            var luma = Luma.Of(pixels);
            var blended = Vector256.Create(Image.OpaqueBlack);
            for (int channel = 0; channel < Luma.Channels; channel++)
                blended |= Channel(luma, Luma.Channel(pixels, channel), factor) << Luma.ShiftOf(channel);
            blended.StoreUnsafe(ref reference, (nuint)i);
        }

        var rest = image.Pixels[(i * Image.BytesPerPixel)..];
        for (int at = 0; at < rest.Length; at += Image.BytesPerPixel)
        {
            int luma = Luma.Of(rest[at], rest[at + 1], rest[at + 2]);
            for (int channel = 0; channel < Luma.Channels; channel++) rest[at + channel] = Bytes(luma, rest[at + channel], factor);
        }
    }

    /// <summary><see cref="Bytes"/> for eight values, with the same operations in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Channel(Vector256<int> from, Vector256<int> to, float factor)
    {
        var exact = Vector256.ConvertToSingle(from) + (Vector256.Create(factor) * Vector256.ConvertToSingle(to - from));
        // Clipped before it is cut off: a large factor may leave the range of 32-bit integers.
        return Vector256.ConvertToInt32(Vector256.Clamp(exact, Vector256<float>.Zero, Vector256.Create(255f))).AsUInt32();
    }

    internal static float CheckFactor(double factor)
    {
        if (!(factor >= 0) || !double.IsFinite(factor))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "A factor is 0 or more.");
        return (float)factor;
    }
}
