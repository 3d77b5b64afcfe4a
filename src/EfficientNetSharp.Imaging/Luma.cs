using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging;

/// <summary>
/// Brightness as Pillow's <c>convert("L")</c> has it: ITU-R 601-2 weights 0.299, 0.587, 0.114 in 16-bit fixed point, rounded.
/// </summary>
internal static class Luma
{
    /// <summary>Channels of a pixel that are colours.</summary>
    internal const int Channels = 3;

    private const int RedWeight = 19595, GreenWeight = 38470, BlueWeight = 7471;
    private const int Precision = 16, Half = 1 << (Precision - 1);

    internal static int Of(int red, int green, int blue) =>
        ((red * RedWeight) + (green * GreenWeight) + (blue * BlueWeight) + Half) >> Precision;

    /// <summary>The luma of eight pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Of(Vector256<uint> pixels) =>
        ((Channel(pixels, 0) * RedWeight) + (Channel(pixels, 1) * GreenWeight) + (Channel(pixels, 2) * BlueWeight) + Vector256.Create(Half))
        >> Precision;

    /// <summary>One channel of eight pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Channel(Vector256<uint> pixels, int channel) =>
        ((pixels >>> ShiftOf(channel)) & Vector256.Create(0xFFu)).AsInt32();

    /// <summary>Where a channel stands in a pixel taken as one 32-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ShiftOf(int channel) => 8 * (BitConverter.IsLittleEndian ? channel : Channels - channel);

    /// <summary>The luma of all pixels added up.</summary>
    internal static long Sum(Image image)
    {
        ReadOnlySpan<uint> words = image.PackedPixels;
        ref uint reference = ref MemoryMarshal.GetReference(words);
        long sum = 0;
        int i = 0;
        for (; i + Vector256<uint>.Count <= words.Length; i += Vector256<uint>.Count)
            sum += Vector256.Sum(Of(Vector256.LoadUnsafe(ref reference, (nuint)i)));

        ReadOnlySpan<byte> rest = image.Pixels[(i * Image.BytesPerPixel)..];
        for (int at = 0; at < rest.Length; at += Image.BytesPerPixel) sum += Of(rest[at], rest[at + 1], rest[at + 2]);
        return sum;
    }

    /// <summary>A grey copy: all three channels hold the luma.</summary>
    internal static Image Grey(Image image)
    {
        var grey = Image.Rent(image.Width, image.Height);
        ReadOnlySpan<uint> from = image.PackedPixels;
        var to = grey.PackedPixels;
        // The same byte three times, whichever end of the number comes first.
        uint spread = 0x01010101u & ~Image.OpaqueBlack;
        int i = 0;
        for (; i + Vector256<uint>.Count <= to.Length; i += Vector256<uint>.Count)
        {
            var luma = Of(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(from), (nuint)i)).AsUInt32();
            ((luma * spread) | Vector256.Create(Image.OpaqueBlack)).StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)i);
        }

        ReadOnlySpan<byte> rest = image.Pixels[(i * Image.BytesPerPixel)..];
        for (; i < to.Length; i++, rest = rest[Image.BytesPerPixel..])
            to[i] = ((uint)Of(rest[0], rest[1], rest[2]) * spread) | Image.OpaqueBlack;
        return grey;
    }
}
