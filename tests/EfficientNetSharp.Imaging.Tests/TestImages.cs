using EfficientNetSharp.Randomness;

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
}
