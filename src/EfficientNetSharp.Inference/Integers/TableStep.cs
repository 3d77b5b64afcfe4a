using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Functions of single integers, looked up.</summary>
/// <param name="name">The node's name.</param>
/// <param name="x">The integers without their zero point.</param>
/// <param name="y">Receives the results without theirs.</param>
/// <param name="table">The tables.</param>
internal sealed unsafe class TableStep<TSimd, TInt, TShort>(string name, Slot x, Slot y, IntegerTable<TSimd, TInt, TShort> table)
    : PartedStep(name, PlanStepKind.Elementwise, 0, x.Positions, [x], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int first, int end)
    {
        short* from = frame.At<short>(x, image) + ((nint)first * x.Stride), to = frame.At<short>(y, image) + ((nint)first * y.Stride);
        table.Apply(from, x.Stride, to, y.Stride, end - first, 0, x.Channels);
    }
}

/// <summary>An integer of a first value and one of a second become one: a sum, or a product with a gate for each channel.</summary>
/// <param name="name">The node's name.</param>
/// <param name="a">The first.</param>
/// <param name="b">The second: of the first's shape, or of one pixel.</param>
/// <param name="y">Receives the results; all without zero points.</param>
/// <param name="pairs">What becomes of them.</param>
internal sealed unsafe class PairStep<TSimd, TInt, TShort>(string name, Slot a, Slot b, Slot y, IIntegerPairs<TSimd, TInt, TShort> pairs)
    : PartedStep(name, PlanStepKind.Elementwise, 0, a.Positions, [a, b], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int first, int end)
    {
        nint step = b.Positions == 1 ? 0 : b.Stride;
        pairs.Run(new PairRows
        {
            A = frame.At<short>(a, image) + ((nint)first * a.Stride), AStride = a.Stride,
            B = frame.At<short>(b, image) + (first * step), BStride = step,
            Y = frame.At<short>(y, image) + ((nint)first * y.Stride), YStride = y.Stride,
            Count = end - first, Channels = a.PaddedChannels,
        });
    }
}
