using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Functions of single integers, looked up: one table for all channels, or one for each.</summary>
/// <param name="name">The node's name.</param>
/// <param name="x">The integers without their zero point.</param>
/// <param name="y">Receives the results without theirs.</param>
/// <param name="tables">Results by input, from the lowest on.</param>
/// <param name="lowest">The lowest input, without its zero point.</param>
internal sealed unsafe class TableStep(string name, Slot x, Slot y, short[][] tables, int lowest)
    : PlanStep(name, PlanStepKind.Elementwise, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(x.Positions, ItemsPerThread * threads);

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        int first = Part(x.Positions, parts, part), end = Part(x.Positions, parts, part + 1);
        short* from = frame.At<short>(x, image) + ((nint)first * x.Stride), to = frame.At<short>(y, image) + ((nint)first * y.Stride);
        for (int pixel = first; pixel < end; pixel++, from += x.Stride, to += y.Stride)
        {
            for (int c = 0; c < x.Channels; c++) to[c] = tables[tables.Length == 1 ? 0 : c][from[c] - lowest];
            new Span<short>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
        }
    }
}

/// <summary>An integer of a first value and one of a second become one: a sum, or a product with a gate for each channel.</summary>
/// <param name="name">The node's name.</param>
/// <param name="a">The first.</param>
/// <param name="b">The second: of the first's shape, or of one pixel.</param>
/// <param name="y">Receives the results; all without zero points.</param>
/// <param name="function">The function.</param>
internal sealed unsafe class PairStep(string name, Slot a, Slot b, Slot y, Func<int, int, int> function)
    : PlanStep(name, PlanStepKind.Elementwise, 0, [a, b], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(a.Positions, ItemsPerThread * threads);

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        bool isGate = b.Positions == 1;
        for (int pixel = Part(a.Positions, parts, part); pixel < Part(a.Positions, parts, part + 1); pixel++)
        {
            short* first = frame.At<short>(a, image) + ((nint)pixel * a.Stride);
            short* second = frame.At<short>(b, image) + (isGate ? 0 : (nint)pixel * b.Stride);
            short* to = frame.At<short>(y, image) + ((nint)pixel * y.Stride);
            for (int c = 0; c < a.Channels; c++) to[c] = (short)function(first[c], second[c]);
            new Span<short>(to + a.Channels, y.PaddedChannels - a.Channels).Clear();
        }
    }
}
