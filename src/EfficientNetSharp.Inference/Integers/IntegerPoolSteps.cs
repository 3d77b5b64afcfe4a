using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The mean of each channel.</summary>
/// <param name="name">The node's name.</param>
/// <param name="x">The map, without its zero point.</param>
/// <param name="y">Receives the means, without theirs.</param>
/// <param name="mean">From a sum to the mean.</param>
internal sealed unsafe class IntegerMeanStep(string name, Slot x, Slot y, Func<long, int> mean)
    : PlanStep(name, PlanStepKind.Pooling, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        var sums = new long[x.Channels];
        short* from = frame.At<short>(x, item), to = frame.At<short>(y, item);
        for (int pixel = 0; pixel < x.Positions; pixel++, from += x.Stride)
        {
            for (int c = 0; c < sums.Length; c++) sums[c] += from[c];
        }

        for (int c = 0; c < sums.Length; c++) to[c] = (short)mean(sums[c]);
        new Span<short>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
    }
}

/// <summary>The largest integer in each window, then looked up.</summary>
internal sealed unsafe class IntegerMaxPoolStep(string name, Window window, Slot x, Slot y, short[] table, int lowest)
    : PlanStep(name, PlanStepKind.Pooling, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        short* map = frame.At<short>(x, item), to = frame.At<short>(y, item);
        for (int pixel = 0; pixel < y.Positions; pixel++, to += y.Stride)
        {
            var (top, firstRow, endRow) = window.RowsAt(pixel / y.Width);
            var (left, firstColumn, endColumn) = window.ColumnsAt(pixel % y.Width);
            new Span<short>(to, y.PaddedChannels).Fill(short.MinValue);
            for (int kh = firstRow; kh < endRow; kh++)
            for (int kw = firstColumn; kw < endColumn; kw++)
            {
                short* from = map + (((((nint)top + kh) * window.Width) + left + kw) * x.Stride);
                for (int c = 0; c < x.Channels; c++) to[c] = Math.Max(to[c], from[c]);
            }

            for (int c = 0; c < x.Channels; c++) to[c] = table[to[c] - lowest];
            new Span<short>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
        }
    }
}

/// <summary>A map's pixels as a vector in the order of planes, which a flattening yields.</summary>
internal sealed unsafe class IntegerFlattenStep(string name, Slot x, Slot y, short[] table, int lowest)
    : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        short* from = frame.At<short>(x, item), to = frame.At<short>(y, item);
        for (int c = 0; c < x.Channels; c++)
        for (int pixel = 0; pixel < x.Positions; pixel++)
            *to++ = table[from[((nint)pixel * x.Stride) + c] - lowest];
        new Span<short>(to, y.PaddedChannels - y.Channels).Clear();
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
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(y.Positions, ItemsPerThread * threads);

    /// <inheritdoc />
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
                    short* from = frame.At<short>(x, image) + (((((nint)top + kh) * window.Width) + left + kw) * x.Stride) + (o / outputs * inputs);
                    for (int i = 0; i < inputs; i++)
                        sum += (long)from[i] * weights[(((((o * inputs) + i) * window.KernelHeight) + kh) * window.KernelWidth) + kw];
                }

                to[o] = finish(sum, o);
            }

            new Span<short>(to + y.Channels, y.PaddedChannels - y.Channels).Clear();
        }
    }
}
