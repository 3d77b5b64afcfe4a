using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>A map with zeros around it, or without rows and columns at its sides.</summary>
internal unsafe class ZeroPadStep<T>(string name, Pads pads, Slot x, Slot y) : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
    where T : unmanaged
{
    /// <summary>Where the result comes.</summary>
    protected Slot Y
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => y;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * y.Height;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int image = item / y.Height, row = item % y.Height;
        T* target = frame.At<T>(y, image) + ((nint)row * y.Width * y.Stride);
        Fill(frame.At<T>(x, image), row - pads.Top, new Span<T>(target, y.Width * y.Stride));
        Finish(target);
    }

    /// <summary>Takes a row of the result, zeros and all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected virtual void Finish(T* row)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(T* map, int from, Span<T> target)
    {
        if (from < 0 || from >= x.Height)
        {
            target.Clear();
            return;
        }

        int left = Math.Max(pads.Left, 0), skipped = Math.Max(-pads.Left, 0);
        int columns = Math.Min(x.Width - skipped, y.Width - left);
        T* source = map + ((((nint)from * x.Width) + skipped) * x.Stride);
        target[..(left * y.Stride)].Clear();
        new ReadOnlySpan<T>(source, columns * x.Stride).CopyTo(target[(left * y.Stride)..]);
        target[((left + columns) * y.Stride)..].Clear();
    }
}
