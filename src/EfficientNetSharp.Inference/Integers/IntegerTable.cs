using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A function of single integers, looked up: one table for all channels, or one for each. All integers are without zero points.
/// </summary>
internal sealed unsafe class IntegerTable<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private const int ByteEntries = 256;

    private readonly AlignedBuffer<short> _entries;
    private readonly AlignedBuffer<short>? _arranged;
    private readonly IntegerPolynomials<TSimd, TInt, TShort>? _polynomials;
    private readonly int _entriesPerChannel;
    private readonly int _lowest, _channels;

    /// <summary>Prepares tables.</summary>
    /// <param name="tables">Results by input, from the lowest on.</param>
    /// <param name="lowest">The lowest input.</param>
    /// <param name="function">
    /// What the tables hold, with the scales of input and output; <see langword="null"/> for another function.
    /// </param>
    public IntegerTable(short[][] tables, int lowest, (ActivationKind Kind, float Input, float Output)? function)
    {
        (_lowest, _channels, _entriesPerChannel) = (lowest, tables.Length, tables[0].Length);
        _entries = new AlignedBuffer<short>((long)_channels * _entriesPerChannel);
        if (HasAllIntegers)
        {
            for (int i = 0; i < _entriesPerChannel; i++) _entries.Span[(ushort)(lowest + i)] = tables[0][i];
        }
        else
        {
            for (int i = 0; i < tables.Length; i++) tables[i].CopyTo(_entries.Span[(i * _entriesPerChannel)..]);
        }

        if (_channels == 1 && _entriesPerChannel == ByteEntries && TSimd.ArrangeTable(tables[0]) is { } arranged)
            _arranged = new AlignedBuffer<short>(arranged, arranged.Length);
        else if (HasAllIntegers && function is var (kind, input, output))
            _polynomials = IntegerPolynomials<TSimd, TInt, TShort>.TryCreate(kind, input, output, _entries);
    }

    /// <summary>Whether vectors look it up, which they do for all the channels of a slot, its padding included.</summary>
    private bool IsVector => _arranged is not null;

    // Whether each 16-bit integer has an entry, the same for all channels: then they are in the order of the integers' bits.
    private bool HasAllIntegers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _channels == 1 && _entriesPerChannel == ushort.MaxValue + 1 && _lowest == short.MinValue;
    }

    /// <summary>Looks up the channels of some pixels; may be done in place.</summary>
    /// <param name="x">The first pixel's integers; beyond the channels they may be any.</param>
    /// <param name="xStride">Integers from one pixel to the next.</param>
    /// <param name="y">Receives the results, and something in the padding.</param>
    /// <param name="yStride">Integers from one pixel to the next.</param>
    /// <param name="rows">Pixels.</param>
    /// <param name="firstChannel">The first channel.</param>
    /// <param name="channels">Channels that count.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(short* x, nint xStride, short* y, nint yStride, int rows, int firstChannel, int channels)
    {
        int block = 2 * TSimd.Lanes, padded = (channels + block - 1) / block * block;
        if (_polynomials is not null)
        {
            _polynomials.Apply(x, xStride, y, yStride, rows, padded);
            return;
        }

        if (HasAllIntegers) ApplyByTwos(x, xStride, y, yStride, rows, padded);
        else if (!IsVector) ApplyOneByOne(x, xStride, y, yStride, rows, firstChannel, channels);
        else if (padded == block) ApplyToPairs(x, xStride, y, yStride, rows);
        else if (padded % (2 * block) == 0) ApplyToRows(x, xStride, y, yStride, rows, padded);
        else ApplyByBlocks(x, xStride, y, yStride, rows, padded);
    }

    // Columns of one block.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyByBlocks(short* x, nint xStride, short* y, nint yStride, int rows, int channels)
    {
        int block = 2 * TSimd.Lanes;
        for (int c = 0; c < channels; c += block) ApplyToPairs(x + c, xStride, y + c, yStride, rows);
    }

    // Two rows at a time, a block of each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyToPairs(short* x, nint xStride, short* y, nint yStride, int rows)
    {
        short* table = _arranged!.Pointer;
        var lowest = TSimd.Broadcast((short)_lowest);
        for (; rows > 1; rows -= 2, x += 2 * xStride, y += 2 * yStride)
        {
            var (a, b) = TSimd.Lookup(
                TSimd.Subtract(TSimd.Load(x), lowest), TSimd.Subtract(TSimd.Load(x + xStride), lowest), table);
            TSimd.Store(a, y);
            TSimd.Store(b, y + yStride);
        }

        if (rows == 0) return;
        var last = TSimd.Subtract(TSimd.Load(x), lowest);
        TSimd.Store(TSimd.Lookup(last, last, table).A, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyToRows(short* x, nint xStride, short* y, nint yStride, int rows, int channels)
    {
        short* table = _arranged!.Pointer;
        int block = 2 * TSimd.Lanes;
        var lowest = TSimd.Broadcast((short)_lowest);
        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            for (int c = 0; c < channels; c += 2 * block)
            {
                var (a, b) = TSimd.Lookup(
                    TSimd.Subtract(TSimd.Load(x + c), lowest), TSimd.Subtract(TSimd.Load(x + c + block), lowest), table);
                TSimd.Store(a, y + c);
                TSimd.Store(b, y + c + block);
            }
        }
    }

    // Two integers are read and written at once: otherwise there is more to do for the memory than to look them up.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyByTwos(short* x, nint xStride, short* y, nint yStride, int rows, int channels)
    {
        const int two = sizeof(uint) / sizeof(short), atOnce = 4;
        var entries = (ushort*)_entries.Pointer;
        nint pairs = channels / two;
        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            uint* from = (uint*)x, to = (uint*)y;
            for (nint i = 0; i < pairs; i += atOnce)
            {
                LookUpTwo(from + i, to + i, entries);
                LookUpTwo(from + i + 1, to + i + 1, entries);
                LookUpTwo(from + i + 2, to + i + 2, entries);
                LookUpTwo(from + i + 3, to + i + 3, entries);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LookUpTwo(uint* from, uint* to, ushort* entries)
    {
        const int bits = 8 * sizeof(short);
        uint integers = *from;
        *to = entries[(ushort)integers] | ((uint)entries[integers >> bits] << bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyOneByOne(short* x, nint xStride, short* y, nint yStride, int rows, int firstChannel, int channels)
    {
        short* entries = _entries.Pointer - _lowest;
        if (_channels > 1)
        {
            entries += (nint)firstChannel * _entriesPerChannel;
            for (; rows > 0; rows--, x += xStride, y += yStride)
            {
                for (int c = 0; c < channels; c++) y[c] = entries[((nint)c * _entriesPerChannel) + x[c]];
            }

            return;
        }

        for (; rows > 0; rows--, x += xStride, y += yStride)
        {
            int c = 0;
            for (; c + 3 < channels; c += 4)
            {
                short a = entries[x[c]], b = entries[x[c + 1]], d = entries[x[c + 2]], e = entries[x[c + 3]];
                (y[c], y[c + 1], y[c + 2], y[c + 3]) = (a, b, d, e);
            }

            for (; c < channels; c++) y[c] = entries[x[c]];
        }
    }
}
