using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>A map with zeros around it, which have no zero point here, converted where the result has another scale.</summary>
internal sealed unsafe class IntegerZeroPadStep<TSimd, TInt, TShort>(
    string name, Pads pads, Slot x, Slot y, IntegerTable<TSimd, TInt, TShort>? table) : ZeroPadStep<short>(name, pads, x, y)
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Finish(short* row) => table?.Apply(row, Y.Stride, row, Y.Stride, Y.Width, 0, Y.Channels);
}
