using System.Numerics;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>
/// A number of 64 bits that images of the same scene share but for a few bits, whatever their size and compression: the difference
/// hash (dHash, N. Krawetz 2013). The image is shrunk to 9×8 pixels; each bit tells whether a pixel is darker than its right
/// neighbour, row after row, the first in the highest bit.
/// </summary>
internal static class PerceptualHash
{
    private const int Columns = 8, Rows = 8;

    // Pillow's weights of red, green and blue for mode L (ITU-R 601-2), in 65,536ths.
    private const int Red = 19595, Green = 38470, Blue = 7471;

    /// <summary>The hash of an image. One of a single colour has the hash 0.</summary>
    public static ulong Of(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        // Box takes each source pixel into account once: fast, and blind to fine detail.
        using var small = Resampler.Resize(image, Columns + 1, Rows, Interpolation.Box);
        ulong hash = 0;
        for (int y = 0; y < Rows; y++)
        {
            var row = small.Row(y);
            int left = LumaOf(row);
            for (int x = 1; x <= Columns; x++)
            {
                int right = LumaOf(row[(x * Image.BytesPerPixel)..]);
                hash = (hash << 1) | (left < right ? 1UL : 0);
                left = right;
            }
        }

        return hash;
    }

    /// <summary>In how many bits two hashes differ, 0 … 64.</summary>
    public static int Distance(ulong a, ulong b) => BitOperations.PopCount(a ^ b);

    private static int LumaOf(ReadOnlySpan<byte> pixel) => (Red * pixel[0]) + (Green * pixel[1]) + (Blue * pixel[2]);
}
