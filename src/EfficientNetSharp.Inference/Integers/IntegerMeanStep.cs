using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The mean of each channel.</summary>
internal sealed unsafe class IntegerMeanStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // So many 16-bit integers have a sum of 32 bits, whatever they are.
    private const int PixelsAtOnce = 1 << 16;

    // Blocks of channels that threads share.
    private const int BlocksPerItem = 4;

    private readonly Slot _x, _y;
    private readonly IntegerMeans<TSimd, TInt, TShort> _means;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="x">The map, without its zero point.</param>
    /// <param name="y">Receives the means, without theirs.</param>
    /// <param name="means">From sums to means.</param>
    public IntegerMeanStep(string name, Slot x, Slot y, IntegerMeans<TSimd, TInt, TShort> means)
        : base(name, PlanStepKind.Pooling, 0, [x], [y]) => (_x, _y, _means) = (x, y, means);

    private static int Block => 2 * TSimd.Lanes;

    private int Blocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _x.PaddedChannels / Block;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(ItemsPerThread * threads, (Blocks + BlocksPerItem - 1) / BlocksPerItem);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image);
        int* sums = stackalloc int[Block];
        for (int channel = Part(Blocks, parts, part) * Block; channel < Part(Blocks, parts, part + 1) * Block; channel += Block)
        {
            if (!_means.HasVectors)
            {
                MeanOneByOne(x + channel, y + channel, sums);
                continue;
            }

            var (low, high) = Sum(x + channel, _x.Positions);
            _means.Store(low, high, y + channel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MeanOneByOne(short* x, short* y, int* sums)
    {
        long* wide = stackalloc long[Block];
        new Span<long>(wide, Block).Clear();
        for (int pixel = 0; pixel < _x.Positions; pixel += PixelsAtOnce)
        {
            var (low, high) = Sum(x + ((nint)pixel * _x.Stride), Math.Min(PixelsAtOnce, _x.Positions - pixel));
            TSimd.Store(low, sums);
            TSimd.Store(high, sums + TSimd.Lanes);
            for (int i = 0; i < Block; i++) wide[i] += sums[i];
        }

        for (int i = 0; i < Block; i++) y[IntegerOrder.ChannelAt(TSimd.Lanes, i)] = _means.Of(wide[i]);
    }

    // A pixel and the next one are summed as pairs, with 1 as their factors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (TInt Low, TInt High) Sum(short* from, int pixels)
    {
        TShort one = TSimd.Broadcast((short)1), zero = default;
        TInt low = default, high = default;
        nint stride = _x.Stride;
        for (; pixels > 1; pixels -= 2, from += 2 * stride)
        {
            TShort a = TSimd.Load(from), b = TSimd.Load(from + stride);
            TSimd.AddProducts(ref low, ref high, a, b, one, one);
        }

        if (pixels > 0) TSimd.AddProducts(ref low, ref high, TSimd.Load(from), zero, one, one);
        return (low, high);
    }
}
