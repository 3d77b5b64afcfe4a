using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// The two passes with 128-bit vectors in portable form (ARM's NEON, older x86): one lane is one channel, so a pixel is a vector of four
/// 32-bit numbers and a tap is one multiplication. The sums are the same integers as in <see cref="ScalarPasses"/>.
/// </summary>
internal static class Vector128Passes
{
    /// <inheritdoc cref="ScalarPasses.Horizontal"/>
    internal static void Horizontal(SourceRegion source, AxisWeights weights, int firstRow, int rows, Span<byte> output, int outputStride)
    {
        for (int r = 0; r < rows; r++)
        {
            int row = source.RowOffset(firstRow + r);
            for (int x = 0; x < weights.Outputs; x++)
            {
                var taps = weights.Weights.Slice(x * weights.Taps, weights.Counts[x]);
                ref byte pixel = ref Unsafe.AsRef(in source.Pixels[row + (weights.Starts[x] * Image.BytesPerPixel)]);
                var sum = Half;
                foreach (int weight in taps)
                {
                    sum += Widen(Unsafe.ReadUnaligned<uint>(ref pixel)) * weight;
                    pixel = ref Unsafe.Add(ref pixel, Image.BytesPerPixel);
                }

                StorePixel(sum, output[((r * outputStride) + (x * Image.BytesPerPixel))..]);
            }
        }
    }

    /// <inheritdoc cref="ScalarPasses.Vertical"/>
    internal static void Vertical(SourceRegion source, AxisWeights weights, int columns, Span<byte> output)
    {
        for (int y = 0; y < weights.Outputs; y++)
        {
            var taps = weights.Weights.Slice(y * weights.Taps, weights.Counts[y]);
            int row = source.RowOffset(weights.Starts[y]);
            int x = 0;
            for (; x + 4 <= columns; x += 4)
            {
                // Four pixels in one load, a vector of sums for each.
                ref byte pixels = ref Unsafe.AsRef(in source.Pixels[row + (x * Image.BytesPerPixel)]);
                Vector128<int> a = Half, b = Half, c = Half, d = Half;
                foreach (int weight in taps)
                {
                    var bytes = Vector128.LoadUnsafe(ref pixels);
                    var (lower, upper) = Vector128.Widen(bytes);
                    var (p, q) = Vector128.Widen(lower.AsInt16());
                    var (s, t) = Vector128.Widen(upper.AsInt16());
                    a += p * weight;
                    b += q * weight;
                    c += s * weight;
                    d += t * weight;
                    pixels = ref Unsafe.Add(ref pixels, source.Stride);
                }

                var target = output[(((y * columns) + x) * Image.BytesPerPixel)..];
                StorePixel(a, target);
                StorePixel(b, target[4..]);
                StorePixel(c, target[8..]);
                StorePixel(d, target[12..]);
            }

            // The last one to three pixels of a row.
            for (; x < columns; x++)
            {
                ref byte pixel = ref Unsafe.AsRef(in source.Pixels[row + (x * Image.BytesPerPixel)]);
                var sum = Half;
                foreach (int weight in taps)
                {
                    sum += Widen(Unsafe.ReadUnaligned<uint>(ref pixel)) * weight;
                    pixel = ref Unsafe.Add(ref pixel, source.Stride);
                }

                StorePixel(sum, output[(((y * columns) + x) * Image.BytesPerPixel)..]);
            }
        }
    }

    /// <summary>One half in fixed point, so that cutting off rounds.</summary>
    private static Vector128<int> Half => Vector128.Create(1 << (AxisWeights.Precision - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte()).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixel(Vector128<int> sum, Span<byte> target)
    {
        var clipped = Vector128.Clamp(sum >> AxisWeights.Precision, Vector128<int>.Zero, Vector128.Create((int)byte.MaxValue));
        var words = Vector128.Narrow(clipped, clipped).AsUInt16();
        MemoryMarshal.Write(target, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }
}
