using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>A map with zeros around it, or without rows and columns at its sides.</summary>
internal sealed unsafe class ZeroPadStep(string name, Pads pads, Slot x, Slot y) : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * y.Height;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int image = item / y.Height, row = item % y.Height, from = row - pads.Top;
        var target = new Span<float>(frame.At<float>(y, image) + ((nint)row * y.Width * y.Stride), y.Width * y.Stride);
        if (from < 0 || from >= x.Height)
        {
            target.Clear();
            return;
        }

        int left = Math.Max(pads.Left, 0), skipped = Math.Max(-pads.Left, 0);
        int columns = Math.Min(x.Width - skipped, y.Width - left);
        float* source = frame.At<float>(x, image) + ((((nint)from * x.Width) + skipped) * x.Stride);
        target[..(left * y.Stride)].Clear();
        new ReadOnlySpan<float>(source, columns * x.Stride).CopyTo(target[(left * y.Stride)..]);
        target[((left + columns) * y.Stride)..].Clear();
    }
}
