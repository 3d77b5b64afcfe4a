using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>A step that computes rows or pixels of its result by themselves: a work item is some of an image's that follow each other.</summary>
/// <param name="name">The node's name.</param>
/// <param name="kind">What it does.</param>
/// <param name="macs">Multiply-adds for one image.</param>
/// <param name="length">Rows or pixels of an image.</param>
/// <param name="reads">What it reads.</param>
/// <param name="writes">What it writes.</param>
internal abstract class PartedStep(
    string name, PlanStepKind kind, long macs, int length, ImmutableArray<Slot> reads, ImmutableArray<Slot> writes)
    : PlanStep(name, kind, macs, reads, writes)
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts;
        Run(frame, item / parts, Part(length, parts, part), Part(length, parts, part + 1));
    }

    /// <summary>Computes some rows or pixels of an image.</summary>
    /// <param name="frame">Where values are.</param>
    /// <param name="image">The image.</param>
    /// <param name="first">The first.</param>
    /// <param name="end">The one behind the last.</param>
    protected abstract void Run(in Frame frame, int image, int first, int end);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) => threads == 1 ? 1 : Math.Min(length, ItemsPerThread * threads);
}
