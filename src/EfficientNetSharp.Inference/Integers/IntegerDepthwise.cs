using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The inputs under the window of a pixel of the output, tap by tap, and how they move on to the next pixel's.</summary>
internal unsafe struct IntegerTap
{
    /// <summary>The tap's channels.</summary>
    public short* X;

    /// <summary>Integers to the next pixel's: 0 for zeros beside the map.</summary>
    public nint Step;
}

/// <summary>
/// A depthwise convolution's weights and what follows its sums. Pixels under the window are taken two by two, as vectors have operations
/// for pairs of products.
/// </summary>
internal sealed unsafe class IntegerDepthwise<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly AlignedBuffer<short> _weights;
    private readonly IntegerEpilogue<TSimd, TInt, TShort> _epilogue;
    private readonly int _pairs;
    private readonly int[] _safePairs;
    private readonly bool[] _isWide;

    // Where taps are not safe at once, they may be in so many parts.
    private const int MaxParts = 4;

    // For each block and number of parts, the highest inputs of each channel that are safe.
    private readonly AlignedBuffer<short> _limits;

    // For each block, parts that are safe whatever the inputs.
    private readonly int[] _parts;
    private readonly int _mostParts;

    /// <summary>Packs weights.</summary>
    /// <param name="weightOf">The weight of a channel and a tap.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="taps">Pixels of the window.</param>
    /// <param name="bias">What is added to each channel's sum.</param>
    /// <param name="range">The lowest and the highest input.</param>
    /// <param name="epilogueOf">What becomes of the sums, given the largest magnitude of one.</param>
    public IntegerDepthwise(
        Func<int, int, long> weightOf, int channels, int taps, long[]? bias, (int Lowest, int Highest) range,
        Func<long, IntegerEpilogue<TSimd, TInt, TShort>> epilogueOf)
    {
        int block = Block, blocks = (channels + block - 1) / block;
        long[] row = new long[taps];
        long largest = 0;
        (_safePairs, _isWide) = (new int[blocks], new bool[blocks]);
        Array.Fill(_safePairs, (taps + 1) / 2);
        _limits = new AlignedBuffer<short>((long)blocks * MaxParts * block);
        _limits.Span.Fill(short.MaxValue);
        long largestBias = 0;
        (_pairs, Taps) = ((taps + 1) / 2, taps);
        _weights = new AlignedBuffer<short>((long)blocks * _pairs * 2 * block);
        for (int position = 0; position < blocks * block; position++)
        {
            int channel = (position / block * block) + IntegerOrder.ChannelAt(TSimd.Lanes, position % block);
            if (channel >= channels) continue;
            for (int tap = 0; tap < taps; tap++)
            {
                int at = ((position / block * _pairs) + (tap / 2)) * 2 * block;
                at += IntegerOrder.WeightAt(TSimd.Lanes, TSimd.HasPairProducts, position % block, tap % 2);
                _weights.Span[at] = checked((short)(row[tap] = weightOf(channel, tap)));
            }

            var sums = new SumBounds(range);
            long largestHere = sums.LargestOf(row, bias?[channel] ?? 0);
            _safePairs[position / block] = Math.Min(_safePairs[position / block], sums.SafePairsOf(row));
            _isWide[position / block] |= largestHere > int.MaxValue;
            largest = Math.Max(largest, largestHere);
            largestBias = Math.Max(largestBias, Math.Abs(bias?[channel] ?? 0));
            for (int parts = 1; parts <= MaxParts; parts++)
            {
                int at = (((position / block * MaxParts) + parts - 1) * block) + (channel % block);
                _limits.Span[at] = LimitOf(row, parts, Math.Min(0, range.Lowest), parts == 1 ? bias?[channel] ?? 0 : 0);
            }
        }

        _epilogue = epilogueOf(largest);
        _mostParts = _epilogue.TakesParts && largestBias < PartSums.Largest / 2 ? MaxParts : 1;
        _parts = new int[blocks];
        short* highest = stackalloc short[block];
        new Span<short>(highest, block).Fill(checked((short)Math.Max(0, range.Highest)));
        for (int i = 0; i < blocks; i++) _parts[i] = _isWide[i] ? CountParts(i, highest) : 1;
    }

    // The highest input that leaves the sum of each part within 32 bits: the lowest is known, and weights of one sign add up.
    private short LimitOf(long[] weights, int parts, int lowest, long bias)
    {
        long largest = 0;
        for (int part = 0; part < parts; part++)
        {
            var some = weights[Math.Min(Taps, 2 * EndOf(part - 1, parts))..Math.Min(Taps, 2 * EndOf(part, parts))];
            largest = Math.Max(largest, Math.Max(some.Sum(weight => Math.Max(weight, 0)), some.Sum(weight => Math.Max(-weight, 0))));
        }

        long room = Math.Max(0, int.MaxValue - Math.Abs(bias));
        return (short)Math.Clamp((room / Math.Max(largest, 1)) + lowest, short.MinValue, short.MaxValue);
    }

    // Pixels whose sums wait for their epilogue.
    private const int PixelsAtOnce = 64;

    private static int Block => 2 * TSimd.Lanes;

    /// <summary>Bytes of working memory.</summary>
    public static long ScratchBytes => (long)PixelsAtOnce * Block * (sizeof(int) + sizeof(long));

    /// <summary>Memory of the packed integers, in bytes.</summary>
    public long WeightBytes => _weights.Length * sizeof(short);

    /// <summary>Pixels of the window.</summary>
    public int Taps { get; }

    /// <summary>Whether some sums of a block may be beyond 32 bits, so that it pays to know the highest input.</summary>
    /// <param name="channel">The block's first channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsWide(int channel) => _isWide[channel / Block];

    /// <summary>
    /// Computes a block of channels of some pixels side by side.
    /// </summary>
    /// <param name="taps">The taps of the first pixel, whole pairs of them: the last one's second counts for nothing.</param>
    /// <param name="offset">Where the block is in a tap's channels.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="channel">The block's first channel.</param>
    /// <param name="y">Receives the block's results of the first pixel.</param>
    /// <param name="stride">Integers from one pixel of the output to the next.</param>
    /// <param name="sums">Working memory.</param>
    /// <param name="highest">
    /// For each channel of the block, an input than which none is higher, at least 0; <see langword="null"/> where none is known.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(
        IntegerTap* taps, nint offset, int pixels, int channel, short* y, nint stride, int* sums, short* highest = null)
    {
        int block = channel / Block, parts = _isWide[block] && highest is not null ? CountParts(block, highest) : _parts[block];
        short* weights = _weights.Pointer + ((nint)channel * _pairs * 2);
        for (int first = 0; first < pixels; first += PixelsAtOnce, y += PixelsAtOnce * stride)
        {
            int count = Math.Min(PixelsAtOnce, pixels - first);
            int* beyond = sums + (PixelsAtOnce * Block);
            if (parts == 1)
            {
                Run(taps, offset, first, count, weights, _pairs, sums);
                _epilogue.Run(sums, count, channel, y, stride);
            }
            else if (parts > 1)
            {
                RunParts(taps, offset, first, count, weights, parts, sums);
                _epilogue.Run(beyond, beyond + (PixelsAtOnce * Block), count, channel, y, stride);
            }
            else
            {
                RunWide(taps, offset, first, count, weights, _safePairs[block], sums);
                _epilogue.Run((long*)beyond, count, channel, y, stride);
            }
        }
    }

    // The pair behind a part.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int EndOf(int part, int parts) => _pairs * (part + 1) / parts;

    // Parts of the taps whose sums 32 bits hold; 0 where that takes too many. A single one has its bias too.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CountParts(int block, short* highest)
    {
        short* limits = _limits.Pointer + ((nint)block * MaxParts * Block);
        var known = TSimd.Load(highest);
        short* larger = stackalloc short[Block];
        for (int parts = 1; parts <= _mostParts; parts++, limits += Block)
        {
            TSimd.Store(TSimd.Max(known, TSimd.Load(limits)), larger);
            if (new ReadOnlySpan<short>(larger, Block).SequenceEqual(new ReadOnlySpan<short>(limits, Block))) return parts;
        }

        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunParts(IntegerTap* taps, nint offset, int first, int count, short* weights, int parts, int* sums)
    {
        int* high = sums + (PixelsAtOnce * Block), low = high + (PixelsAtOnce * Block);
        for (int part = 0; part < parts; part++)
        {
            int pair = EndOf(part - 1, parts), end = EndOf(part, parts);
            Run(taps + (2 * pair), offset, first, count, weights + ((nint)pair * 2 * Block), end - pair, sums);
            PartSums.Add<TSimd, TInt, TShort>(sums, count * Block, high, low, part == 0);
        }
    }

    // As many pairs at a time as 32 bits are sure to hold, added up in 64.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWide(IntegerTap* taps, nint offset, int first, int count, short* weights, int safePairs, int* sums)
    {
        int length = count * Block;
        long* wide = (long*)(sums + (PixelsAtOnce * Block));
        new Span<long>(wide, length).Clear();
        for (int pair = 0; pair < _pairs; pair += safePairs)
        {
            Run(taps + (2 * pair), offset, first, count, weights + ((nint)pair * 2 * Block), Math.Min(safePairs, _pairs - pair), sums);
            WideSums.Add<TSimd, TInt, TShort>(sums, length, wide);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(IntegerTap* taps, nint offset, int first, int count, short* weights, int pairs, int* sums)
    {
        for (int pixel = first, end = first + count; pixel < end;)
        {
            // Sums of seven pixels fit 32 registers, of four 16; no single one is left, as far as can be.
            int left = end - pixel, most = TSimd.DepthwisePixels;
            int size = left >= most + 2 || left <= most ? Math.Min(left, most) : left - (most / 2);
            switch (size)
            {
                case 7:
                    Run<Count7>(taps, offset, pixel, weights, pairs, sums);
                    break;
                case 6:
                    Run<Count6>(taps, offset, pixel, weights, pairs, sums);
                    break;
                case 5:
                    Run<Count5>(taps, offset, pixel, weights, pairs, sums);
                    break;
                case 4:
                    Run<Count4>(taps, offset, pixel, weights, pairs, sums);
                    break;
                case 3:
                    Run<Count3>(taps, offset, pixel, weights, pairs, sums);
                    break;
                case 2:
                    Run<Count2>(taps, offset, pixel, weights, pairs, sums);
                    break;
                default:
                    Run<Count1>(taps, offset, pixel, weights, pairs, sums);
                    break;
            }

            pixel += size;
            sums += size * Block;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TPixels>(IntegerTap* taps, nint offset, nint pixel, short* weights, int pairs, int* sums)
        where TPixels : struct, ICount
    {
        TInt low0 = default, low1 = default, low2 = default, low3 = default, low4 = default, low5 = default, low6 = default;
        TInt high0 = default, high1 = default, high2 = default, high3 = default, high4 = default, high5 = default, high6 = default;
        for (int pair = 0; pair < pairs; pair++, taps += 2, weights += 2 * Block)
        {
            nint stepA = taps[0].Step, stepB = taps[1].Step;
            short* a = taps[0].X + offset + (pixel * stepA), b = taps[1].X + offset + (pixel * stepB);
            TShort first = TSimd.Load(weights), second = TSimd.Load(weights + Block);
            Add(ref low0, ref high0, a, b, first, second);
            if (TPixels.Value > 1) Add(ref low1, ref high1, a + stepA, b + stepB, first, second);
            if (TPixels.Value > 2) Add(ref low2, ref high2, a + (2 * stepA), b + (2 * stepB), first, second);
            if (TPixels.Value > 3) Add(ref low3, ref high3, a + (3 * stepA), b + (3 * stepB), first, second);
            if (TPixels.Value > 4) Add(ref low4, ref high4, a + (4 * stepA), b + (4 * stepB), first, second);
            if (TPixels.Value > 5) Add(ref low5, ref high5, a + (5 * stepA), b + (5 * stepB), first, second);
            if (TPixels.Value > 6) Add(ref low6, ref high6, a + (6 * stepA), b + (6 * stepB), first, second);
        }

        Store(low0, high0, ref sums);
        if (TPixels.Value > 1) Store(low1, high1, ref sums);
        if (TPixels.Value > 2) Store(low2, high2, ref sums);
        if (TPixels.Value > 3) Store(low3, high3, ref sums);
        if (TPixels.Value > 4) Store(low4, high4, ref sums);
        if (TPixels.Value > 5) Store(low5, high5, ref sums);
        if (TPixels.Value > 6) Store(low6, high6, ref sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TInt low, TInt high, ref int* sums)
    {
        TSimd.Store(low, sums);
        TSimd.Store(high, sums + TSimd.Lanes);
        sums += Block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref TInt low, ref TInt high, short* a, short* b, TShort first, TShort second) =>
        TSimd.AddProducts(ref low, ref high, TSimd.Load(a), TSimd.Load(b), first, second);
}
