using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>
/// Bitmaps of 16 bits per pixel: every value, widened as Pillow's unpackers do, ⌊v·255/31⌋ and ⌊v·255/63⌋ (libImaging/Unpack.c); held
/// against Pillow over files of all kinds that it reads.
/// </summary>
public sealed class BmpTests
{
    [Theory]
    [InlineData(40, false, false)]
    [InlineData(40, false, true)]
    [InlineData(40, true, false)]
    [InlineData(108, true, false)]
    [InlineData(124, true, true)]
    public void Sixteen_bits_are_widened_as_Pillow_does(int header, bool hasMasks, bool isTopDown)
    {
        foreach (bool isGreenWide in hasMasks ? (bool[])[true, false] : [false])
        {
            byte[] masks = !hasMasks ? [] : isGreenWide
                ? [.. BitConverter.GetBytes(0xF800), .. BitConverter.GetBytes(0x7E0), .. BitConverter.GetBytes(0x1F)]
                : [.. BitConverter.GetBytes(0x7C00), .. BitConverter.GetBytes(0x3E0), .. BitConverter.GetBytes(0x1F)];
            using var image = ImageDecoder.Decode(Bitmap(header, masks, isTopDown), "all.bmp");
            int redAt = isGreenWide ? 11 : 10, greenMax = isGreenWide ? 63 : 31;
            for (int y = 0; y < 256; y++)
            {
                var row = image.Row(isTopDown ? y : 255 - y);
                for (int x = 0; x < 256; x++)
                {
                    int pixel = (y * 256) + x;
                    Assert.Equal(
                        ((pixel >> redAt & 31) * 255 / 31, (pixel >> 5 & greenMax) * 255 / greenMax, (pixel & 31) * 255 / 31),
                        ((int)row[x * 4], (int)row[(x * 4) + 1], (int)row[(x * 4) + 2]));
                }
            }
        }
    }

    // 256×256 pixels whose values count from 0, row after row as they lie in the file.
    private static byte[] Bitmap(int header, byte[] masks, bool isTopDown)
    {
        int offset = 14 + header + (header == 40 ? masks.Length : 0), size = 2 * 256 * 256;
        byte[] info =
        [
            .. BitConverter.GetBytes(header), .. BitConverter.GetBytes(256), .. BitConverter.GetBytes(isTopDown ? -256 : 256), 1, 0, 16, 0,
            .. BitConverter.GetBytes(masks.Length == 0 ? 0 : 3), .. BitConverter.GetBytes(size), .. new byte[16], .. masks,
        ];
        return
        [
            .. "BM"u8, .. BitConverter.GetBytes(offset + size), 0, 0, 0, 0, .. BitConverter.GetBytes(offset), .. info,
            .. new byte[offset - 14 - info.Length], .. Enumerable.Range(0, 65536).SelectMany(pixel => new[] { (byte)pixel, (byte)(pixel >> 8) }),
        ];
    }
}
