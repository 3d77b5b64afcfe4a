using System.Buffers.Binary;
using System.Numerics;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// Channels of 16-bit BMP files, of five or six bits each. The decoder library widens them by repeating their upper bits; Pillow takes
/// ⌊v·255/max⌋ (libImaging/Unpack.c, <c>ImagingUnpackBGR15</c> and <c>ImagingUnpackBGR16</c>), which differs by one in a third of the values.
/// </summary>
internal static class BmpChannels
{
    private const int BitsAt = 28, CompressionAt = 30, MasksAt = 54, Bitfields = 3;

    /// <summary>Bits of red, green and blue where the file has 16 per pixel; <see langword="null"/> for others.</summary>
    internal static (int Red, int Green, int Blue)? Find(ReadOnlySpan<byte> bmp)
    {
        if (bmp.Length < MasksAt || BinaryPrimitives.ReadUInt32LittleEndian(bmp[14..]) < 40) return null;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bmp[BitsAt..]) != 16) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bmp[CompressionAt..]) != Bitfields) return (5, 5, 5);
        if (bmp.Length < MasksAt + 12) return null;
        return (Bits(bmp[MasksAt..]), Bits(bmp[(MasksAt + 4)..]), Bits(bmp[(MasksAt + 8)..]));
    }

    /// <summary>Widens decoded pixels as Pillow does.</summary>
    internal static void Widen(Image image, (int Red, int Green, int Blue) bits)
    {
        byte[] red = Table(bits.Red), green = Table(bits.Green), blue = Table(bits.Blue);
        var pixels = image.Buffer.AsSpan(0, image.Width * image.Height * 4);
        for (int i = 0; i < pixels.Length; i += 4)
        {
            pixels[i] = red[pixels[i]];
            pixels[i + 1] = green[pixels[i + 1]];
            pixels[i + 2] = blue[pixels[i + 2]];
        }
    }

    private static int Bits(ReadOnlySpan<byte> mask) => BitOperations.PopCount(BinaryPrimitives.ReadUInt32LittleEndian(mask));

    // The upper bits of a widened value are the value.
    private static byte[] Table(int bits)
    {
        var table = new byte[256];
        for (int i = 0; i < table.Length; i++) table[i] = bits is > 0 and < 8 ? (byte)((i >> (8 - bits)) * 255 / ((1 << bits) - 1)) : (byte)i;
        return table;
    }
}
