using System.Numerics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A function of 16-bit integers whose table is too large to be looked up in fast: computed in float32, which says what an integer becomes
/// but where the exact value is close to a half. Those, some in a thousand, are looked up. When it is made it is tried on every integer
/// there is, so that its results are the table's.
/// </summary>
internal sealed unsafe class IntegerFunction<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // Beyond this share of all integers, looking up is faster.
    private const double MaxDoubts = 0.05;

    // Relative errors that the results may have: the functions' own are below 1e-6, most below a third of it. The smallest will do with
    // which all integers come out right.
    private static ReadOnlySpan<float> Margins => [6e-8f, 9e-8f, 1.3e-7f, 1.8e-7f, 2.5e-7f, 3.5e-7f, 5e-7f, 8e-7f, 1.5e-6f];

    private readonly ActivationKind _kind;
    private readonly int _scale, _factor, _margin, _lowest;
    private readonly short _min, _max;
    private readonly AlignedBuffer<short> _entries;

    private IntegerFunction(
        ActivationKind kind, float inputScale, float outputScale, float margin, AlignedBuffer<short> entries, int lowest)
    {
        (_kind, _entries, _lowest, _margin) = (kind, entries, lowest, BitConverter.SingleToInt32Bits(margin));
        (_scale, _factor) = (BitConverter.SingleToInt32Bits(inputScale), BitConverter.SingleToInt32Bits(1 / outputScale));
        (_min, _max) = (short.MaxValue, short.MinValue);
        foreach (short entry in entries.Span) (_min, _max) = (Math.Min(_min, entry), Math.Max(_max, entry));
    }

    /// <summary>
    /// Makes it; <see langword="null"/> where the results of float32 are not those of the table, or too many are in doubt.
    /// </summary>
    /// <param name="kind">The function.</param>
    /// <param name="inputScale">The integers' scale.</param>
    /// <param name="outputScale">The results'.</param>
    /// <param name="entries">Results by integer, from the lowest on; neither has its zero point.</param>
    /// <param name="lowest">The lowest integer.</param>
    public static IntegerFunction<TSimd, TInt, TShort>? TryCreate(
        ActivationKind kind, float inputScale, float outputScale, AlignedBuffer<short> entries, int lowest)
    {
        if (!FloatFunctions.Has(kind) || !float.IsFinite(1 / outputScale)) return null;
        foreach (float margin in Margins)
        {
            var function = new IntegerFunction<TSimd, TInt, TShort>(kind, inputScale, outputScale, margin, entries, lowest);
            if (function.CountDoubts() is { } doubts) return doubts <= MaxDoubts * entries.Length ? function : null;
        }

        return null;
    }

    // Of all integers that there are; nothing where a result that is not in doubt is wrong.
    private int? CountDoubts()
    {
        int block = 2 * TSimd.Lanes, doubts = 0;
        var all = new AlignedBuffer<short>(block);
        for (int first = 0; first < _entries.Length; first += block)
        {
            for (int i = 0; i < block; i++) all.Span[i] = (short)(first + i + _lowest);
            var (results, doubted) = Compute(
                _kind, TSimd.Load(all.Pointer), TSimd.Broadcast(_scale), TSimd.Broadcast(_factor), TSimd.Broadcast(_margin),
                TSimd.Broadcast(_min), TSimd.Broadcast(_max));
            TSimd.Store(results, all.Pointer);
            doubts += BitOperations.PopCount(doubted);
            for (int i = 0; i < block; i++)
            {
                if ((doubted >> i & 1) == 0 && all.Span[i] != _entries.Span[first + i]) return null;
            }
        }

        return doubts;
    }

    /// <summary>Computes the channels of some pixels; may be done in place.</summary>
    /// <param name="x">The first pixel's integers; those that fill blocks may be any.</param>
    /// <param name="xStride">Integers from one pixel to the next.</param>
    /// <param name="y">Receives the results.</param>
    /// <param name="yStride">Integers from one pixel to the next.</param>
    /// <param name="rows">Pixels.</param>
    /// <param name="channels">Channels, whole blocks of two vectors of sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(short* x, nint xStride, short* y, nint yStride, int rows, int channels)
    {
        int block = 2 * TSimd.Lanes;
        if (channels == block)
        {
            Apply(x, xStride, y, yStride, rows);
            return;
        }

        for (; rows > 0; rows--, x += xStride, y += yStride) Apply(x, block, y, block, channels / block);
    }

    // Some blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(short* x, nint xStep, short* y, nint yStep, int blocks)
    {
        TInt scale = TSimd.Broadcast(_scale), factor = TSimd.Broadcast(_factor), margin = TSimd.Broadcast(_margin);
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        var kind = _kind;
        for (; blocks > 0; blocks--, x += xStep, y += yStep)
        {
            var values = TSimd.Load(x);
            var (results, doubted) = Compute(kind, values, scale, factor, margin, min, max);
            TSimd.Store(results, y);
            if (doubted != 0) LookUp(values, doubted, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TShort Results, ulong Doubted) Compute(
        ActivationKind kind, TShort integers, TInt scale, TInt factor, TInt margin, TShort min, TShort max)
    {
        var (low, high) = TSimd.Widen(integers);
        var (a, doubtsA) = TSimd.Compute(kind, low, scale, factor, margin);
        var (b, doubtsB) = TSimd.Compute(kind, high, scale, factor, margin);
        return (TSimd.Clamp(TSimd.Pack(a, b), min, max), TSimd.Signs(TSimd.Pack(doubtsA, doubtsB)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LookUp(TShort integers, ulong doubted, short* y)
    {
        short* entries = _entries.Pointer, x = stackalloc short[2 * TSimd.Lanes];
        TSimd.Store(integers, x);
        for (; doubted != 0; doubted &= doubted - 1)
        {
            int at = BitOperations.TrailingZeroCount(doubted), entry = x[at] - _lowest;
            if ((uint)entry < (uint)_entries.Length) y[at] = entries[entry];
        }
    }
}
