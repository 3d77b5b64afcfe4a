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
    private readonly Func<long, int> _mean;
    private readonly RoundingRules? _rule;
    private readonly short _min, _max;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="x">The map, without its zero point.</param>
    /// <param name="y">Receives the means, without theirs.</param>
    /// <param name="mean">From a sum to the mean.</param>
    /// <param name="rule">The same for vectors; <see langword="null"/> where they cannot.</param>
    /// <param name="bounds">The lowest and the highest mean.</param>
    public IntegerMeanStep(string name, Slot x, Slot y, Func<long, int> mean, RoundingRules? rule, (int Min, int Max) bounds)
        : base(name, PlanStepKind.Pooling, 0, [x], [y])
    {
        (_x, _y, _mean, _rule) = (x, y, mean, rule);
        (_min, _max) = ((short)bounds.Min, (short)bounds.Max);
    }

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
            if (_rule is null)
            {
                MeanOneByOne(x + channel, y + channel, sums);
                continue;
            }

            var (low, high) = Sum(x + channel, _x.Positions);
            var means = _rule.Operation switch
            {
                RoundingOperation.Factor => Round<FactorRounding>(low, high),
                RoundingOperation.Twice => Round<TwiceRounding>(low, high),
                RoundingOperation.Shift => Round<ShiftRounding>(low, high),
                _ => Round<OnceRounding>(low, high),
            };
            TSimd.Store(TSimd.Clamp(means, TSimd.Broadcast(_min), TSimd.Broadcast(_max)), y + channel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TShort Round<TOperation>(TInt low, TInt high)
        where TOperation : struct, IRounding =>
        TSimd.Pack(_rule!.Round<TOperation, TSimd, TInt, TShort>(low, 0), _rule.Round<TOperation, TSimd, TInt, TShort>(high, 0));

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

        for (int i = 0; i < Block; i++) y[IntegerOrder.ChannelAt(TSimd.Lanes, i)] = (short)_mean(wide[i]);
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

/// <summary>The largest integer in each window, then looked up.</summary>
internal sealed unsafe class IntegerMaxPoolStep<TSimd, TInt, TShort>(
    string name, Window window, Slot x, Slot y, IntegerTable<TSimd, TInt, TShort> table)
    : PlanStep(name, PlanStepKind.Pooling, 0, [x], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(y.Height, ItemsPerThread * threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        short* map = frame.At<short>(x, image);
        for (int row = Part(y.Height, parts, part); row < Part(y.Height, parts, part + 1); row++)
        {
            short* to = frame.At<short>(y, image) + ((nint)row * y.Width * y.Stride);
            for (int column = 0; column < y.Width; column++) RunPixel(map, row, column, to + ((nint)column * y.Stride));
            table.Apply(to, y.Stride, to, y.Stride, y.Width, 0, y.Channels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(short* map, int row, int column, short* to)
    {
        var (top, firstRow, endRow) = window.RowsAt(row);
        var (left, firstColumn, endColumn) = window.ColumnsAt(column);
        for (int c = 0; c < x.PaddedChannels; c += 2 * TSimd.Lanes)
        {
            var largest = TSimd.Broadcast(short.MinValue);
            for (int kh = firstRow; kh < endRow; kh++)
            for (int kw = firstColumn; kw < endColumn; kw++)
                largest = TSimd.Max(largest, TSimd.Load(map + c + (((((nint)top + kh) * window.Width) + left + kw) * x.Stride)));
            TSimd.Store(largest, to + c);
        }
    }
}

/// <summary>A map's pixels as a vector in the order of planes, which a flattening yields.</summary>
internal sealed unsafe class IntegerFlattenStep<TSimd, TInt, TShort>(string name, Slot x, Slot y, IntegerTable<TSimd, TInt, TShort> table)
    : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        short* from = frame.At<short>(x, item), to = frame.At<short>(y, item), at = to;
        for (int c = 0; c < x.Channels; c++)
        for (int pixel = 0; pixel < x.Positions; pixel++)
            *at++ = from[((nint)pixel * x.Stride) + c];
        table.Apply(to, y.Stride, to, y.Stride, 1, 0, y.Channels);
    }
}

/// <summary>
/// A convolution in groups that are neither one nor each a channel, one output at a time: no network here has one in integers that takes
/// long.
/// </summary>
internal sealed unsafe class IntegerGroupedStep(
    string name, Window window, Slot x, Slot y, int groups, short[] weights, Func<long, int, short> finish)
    : PlanStep(name, PlanStepKind.Pointwise, (long)y.Positions * weights.Length, [x], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(y.Positions, ItemsPerThread * threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        int inputs = x.Channels / groups, outputs = y.Channels / groups;
        for (int pixel = Part(y.Positions, parts, part); pixel < Part(y.Positions, parts, part + 1); pixel++)
        {
            short* to = frame.At<short>(y, image) + ((nint)pixel * y.Stride);
            var (top, firstRow, endRow) = window.RowsAt(pixel / y.Width);
            var (left, firstColumn, endColumn) = window.ColumnsAt(pixel % y.Width);
            for (int o = 0; o < y.Channels; o++)
            {
                long sum = 0;
                for (int kh = firstRow; kh < endRow; kh++)
                for (int kw = firstColumn; kw < endColumn; kw++)
                {
                    nint pixelUnder = (((nint)top + kh) * window.Width) + left + kw;
                    short* from = frame.At<short>(x, image) + (pixelUnder * x.Stride) + (o / outputs * inputs);
                    for (int i = 0; i < inputs; i++)
                        sum += (long)from[i] * weights[(((((o * inputs) + i) * window.KernelHeight) + kh) * window.KernelWidth) + kw];
                }

                to[o] = finish(sum, o);
            }

            new Span<short>(to + y.Channels, y.PaddedChannels - y.Channels).Clear();
        }
    }
}
