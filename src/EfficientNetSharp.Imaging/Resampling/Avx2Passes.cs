using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// The two passes with 256-bit vectors. The sums are the same integers as in <see cref="ScalarPasses"/>, computed in halves: with
/// w = high · 2¹⁵ + low, Σ p·w = (Σ p·high) · 2¹⁵ + Σ p·low, and each half takes two taps with one 16-bit multiply-add (vpmaddwd).
/// Sums of low halves may wrap around with more than 256 taps; so do the additions that join them, and the result is exact modulo
/// 2³², which the true sum fits.
/// </summary>
internal static unsafe class Avx2Passes
{
    /// <summary>Rows that share one walk along the weights: eight sums and two weights fit the sixteen registers.</summary>
    private const int RowsAtOnce = 4;

    internal static bool IsSupported => Avx2.IsSupported;

    /// <inheritdoc cref="ScalarPasses.Horizontal"/>
    /// <remarks>
    /// Four taps per step. A load of 16 bytes brings four neighbouring pixels into both 128-bit lanes; a byte shuffle leaves pixels 0 and
    /// 1 in the lower lane, 2 and 3 in the upper, as 16-bit pairs (r₀r₁ g₀g₁ b₀b₁ x₀x₁ | r₂r₃ …), and the weights likewise. Weights
    /// behind the last tap are zero; pixels read there belong to the row, the next row, or the image's slack.
    /// </remarks>
    internal static void Horizontal(SourceRegion source, AxisWeights weights, int firstRow, int rows, Span<byte> output, int outputStride)
    {
        fixed (byte* pixels = source.Pixels, target = output)
        fixed (short* halves = weights.Halves)
        fixed (int* starts = weights.Starts, counts = weights.Counts)
        {
            var pairs = PixelPairs;
            var highs = HighPairs;
            var lows = LowPairs;
            for (int r = 0; r < rows; r += RowsAtOnce)
            {
                // With fewer than four rows left the last one is computed more than once, to the same values.
                int r1 = Math.Min(r + 1, rows - 1), r2 = Math.Min(r + 2, rows - 1), r3 = Math.Min(r + 3, rows - 1);
                byte* row0 = pixels + source.RowOffset(firstRow + r), row1 = pixels + source.RowOffset(firstRow + r1);
                byte* row2 = pixels + source.RowOffset(firstRow + r2), row3 = pixels + source.RowOffset(firstRow + r3);
                uint* to0 = (uint*)(target + (r * (long)outputStride)), to1 = (uint*)(target + (r1 * (long)outputStride));
                uint* to2 = (uint*)(target + (r2 * (long)outputStride)), to3 = (uint*)(target + (r3 * (long)outputStride));

                for (int x = 0; x < weights.Outputs; x++)
                {
                    short* weight = halves + (x * (long)weights.Taps * 2);
                    Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
                    Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
                    long from = (long)starts[x] * Image.BytesPerPixel, end = from + (counts[x] * Image.BytesPerPixel);
                    for (; from < end; from += 16, weight += 8)
                    {
                        var both = Avx2.BroadcastVector128ToVector256(weight).AsByte();
                        var high = Avx2.Shuffle(both, highs).AsInt16();
                        var low = Avx2.Shuffle(both, lows).AsInt16();

                        var p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row0 + from), pairs).AsInt16();
                        high0 += Avx2.MultiplyAddAdjacent(p, high);
                        low0 += Avx2.MultiplyAddAdjacent(p, low);
                        p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row1 + from), pairs).AsInt16();
                        high1 += Avx2.MultiplyAddAdjacent(p, high);
                        low1 += Avx2.MultiplyAddAdjacent(p, low);
                        p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row2 + from), pairs).AsInt16();
                        high2 += Avx2.MultiplyAddAdjacent(p, high);
                        low2 += Avx2.MultiplyAddAdjacent(p, low);
                        p = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row3 + from), pairs).AsInt16();
                        high3 += Avx2.MultiplyAddAdjacent(p, high);
                        low3 += Avx2.MultiplyAddAdjacent(p, low);
                    }

                    // Four pixels, one of each row, in one vector.
                    var pixelsOfRows = Sse2.PackUnsignedSaturate(
                        Sse2.PackSignedSaturate(Join(high0, low0), Join(high1, low1)),
                        Sse2.PackSignedSaturate(Join(high2, low2), Join(high3, low3))).AsUInt32();
                    to0[x] = pixelsOfRows[0];
                    to1[x] = pixelsOfRows[1];
                    to2[x] = pixelsOfRows[2];
                    to3[x] = pixelsOfRows[3];
                }
            }
        }
    }

    /// <inheritdoc cref="ScalarPasses.Vertical"/>
    /// <remarks>
    /// Eight pixels, 32 bytes, a step along the row and two taps per step down. The bytes of two rows are interleaved and widened to 16-bit
    /// pairs within each 128-bit lane; the packing at the end keeps to the lanes as well and so puts every byte back where it came
    /// from. The last step of a row may reach up to 28 bytes beyond it: into the next row, which is written afterwards, or the
    /// output's slack.
    /// </remarks>
    internal static void Vertical(SourceRegion source, AxisWeights weights, int columns, Span<byte> output)
    {
        fixed (byte* pixels = source.Pixels, target = output)
        fixed (short* halves = weights.Halves)
        {
            int rowBytes = columns * Image.BytesPerPixel;
            for (int y = 0; y < weights.Outputs; y++)
            {
                int* weight = (int*)(halves + (y * (long)weights.Taps * 2));
                int count = weights.Counts[y];
                byte* first = pixels + source.RowOffset(weights.Starts[y]);
                for (int x = 0; x < rowBytes; x += Vector256<byte>.Count)
                {
                    VerticalStep(first + x, source.Stride, weight, count, target + ((long)y * rowBytes) + x);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void VerticalStep(byte* column, int stride, int* weight, int count, byte* target)
    {
        Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
        Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
        for (int t = 0; t < count; t += 2)
        {
            // Two weights' halves as one 32-bit number: four taps lie as high₀₁ high₂₃ low₀₁ low₂₃.
            int* pair = weight + (t / 4 * 4) + ((t & 2) / 2);
            var high = Vector256.Create(pair[0]).AsInt16();
            var low = Vector256.Create(pair[2]).AsInt16();

            // An odd last tap is paired with itself; the second weight is zero.
            var upper = Vector256.Load(column);
            var lower = Vector256.Load(t + 1 < count ? column + stride : column);
            column += 2 * (long)stride;
            var interleaved0 = Avx2.UnpackLow(upper, lower);
            var interleaved1 = Avx2.UnpackHigh(upper, lower);

            var p = Avx2.UnpackLow(interleaved0, Vector256<byte>.Zero).AsInt16();
            var q = Avx2.UnpackHigh(interleaved0, Vector256<byte>.Zero).AsInt16();
            high0 += Avx2.MultiplyAddAdjacent(p, high);
            low0 += Avx2.MultiplyAddAdjacent(p, low);
            high1 += Avx2.MultiplyAddAdjacent(q, high);
            low1 += Avx2.MultiplyAddAdjacent(q, low);

            p = Avx2.UnpackLow(interleaved1, Vector256<byte>.Zero).AsInt16();
            q = Avx2.UnpackHigh(interleaved1, Vector256<byte>.Zero).AsInt16();
            high2 += Avx2.MultiplyAddAdjacent(p, high);
            low2 += Avx2.MultiplyAddAdjacent(p, low);
            high3 += Avx2.MultiplyAddAdjacent(q, high);
            low3 += Avx2.MultiplyAddAdjacent(q, low);
        }

        var half = Vector256.Create(1 << (AxisWeights.Precision - 1));
        var a = ((high0 << AxisWeights.HalfBits) + low0 + half) >> AxisWeights.Precision;
        var b = ((high1 << AxisWeights.HalfBits) + low1 + half) >> AxisWeights.Precision;
        var c = ((high2 << AxisWeights.HalfBits) + low2 + half) >> AxisWeights.Precision;
        var d = ((high3 << AxisWeights.HalfBits) + low3 + half) >> AxisWeights.Precision;
        Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(a, b), Avx2.PackSignedSaturate(c, d)).Store(target);
    }

    /// <summary>The sum of both lanes and both halves, rounded: the four channels of one pixel, not clipped yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Join(Vector256<int> high, Vector256<int> low)
    {
        var sum = (high << AxisWeights.HalfBits) + low;
        return (sum.GetLower() + sum.GetUpper() + Vector128.Create(1 << (AxisWeights.Precision - 1))) >> AxisWeights.Precision;
    }

    /// <summary>An index with its top bit set gives zero, the upper byte of a 16-bit number.</summary>
    private const byte Zero = 0x80;

    private static Vector256<byte> PixelPairs => Vector256.Create(
        0, Zero, 4, Zero, 1, Zero, 5, Zero, 2, Zero, 6, Zero, 3, Zero, 7, Zero,
        8, Zero, 12, Zero, 9, Zero, 13, Zero, 10, Zero, 14, Zero, 11, Zero, 15, Zero);

    private static Vector256<byte> HighPairs => Vector256.Create(
        0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
        4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, (byte)7);

    private static Vector256<byte> LowPairs => HighPairs + Vector256.Create((byte)8);
}
