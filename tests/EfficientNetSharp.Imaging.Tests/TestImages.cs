using EfficientNetSharp.Randomness;
using SkiaSharp;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>Images given by formulas; make_goldens.py has the same ones.</summary>
internal static class TestImages
{
    internal static Image Pattern(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        int at = 0;
        for (uint y = 0; y < height; y++)
            for (uint x = 0; x < width; x++)
                for (uint c = 0; c < 3; c++)
                    rgb[at++] = (byte)(((x * x * 3) + (y * y * 7) + (x * y * 5) + (c * 91)) ^ ((x * 13) + (y * 29)));
        return Image.FromRgb(rgb, width, height);
    }

    internal static Image Lattice()
    {
        var rgb = new byte[32768 * 3];
        for (int i = 0; i < 32768; i++)
        {
            rgb[i * 3] = (byte)(((i >> 10) * 8) + (i % 8));
            rgb[(i * 3) + 1] = (byte)((((i >> 5) & 31) * 8) + (i / 3 % 8));
            rgb[(i * 3) + 2] = (byte)(((i & 31) * 8) + (i / 7 % 8));
        }

        return Image.FromRgb(rgb, 256, 128);
    }

    internal static Image Noise(int width, int height, ulong seed)
    {
        var random = new SeededRandom(seed);
        var rgb = new byte[width * height * 3];
        foreach (ref byte value in rgb.AsSpan()) value = (byte)random.NextUInt64();
        return Image.FromRgb(rgb, width, height);
    }

    /// <summary>A lossless WebP file in the simple format.</summary>
    internal static byte[] WebP(Image image)
    {
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        image.Buffer.AsSpan(0, info.BytesSize).CopyTo(bitmap.GetPixelSpan());
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100))!;
        byte[] file = data.ToArray();
        Assert.True(file.AsSpan(12).StartsWith("VP8L"u8));
        return file;
    }

    /// <summary>The checksum of PNG chunks, bit by bit.</summary>
    internal static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        return ~crc;
    }
}
