using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The largest integer in each window, then looked up.</summary>
internal sealed unsafe class IntegerMaxPoolStep<TSimd, TInt, TShort>(
    string name, Window window, Slot x, Slot y, IntegerTable<TSimd, TInt, TShort> table)
    : PartedStep(name, PlanStepKind.Pooling, 0, y.Height, [x], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int first, int end)
    {
        short* map = frame.At<short>(x, image);
        for (int row = first; row < end; row++)
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
    : PartedStep(name, PlanStepKind.Pointwise, (long)y.Positions * weights.Length, y.Positions, [x], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int first, int end)
    {
        int inputs = x.Channels / groups, outputs = y.Channels / groups;
        for (int pixel = first; pixel < end; pixel++)
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
