using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// One pass over memory, cut into work items that any thread may run in any order. What an item computes depends on the shapes alone,
/// so that results do not depend on who ran which.
/// </summary>
internal abstract class PlanStep
{
    protected PlanStep(string name, PlanStepKind kind, long macs, ImmutableArray<Slot> reads, ImmutableArray<Slot> writes)
    {
        (Name, Kind, Macs) = (name, kind, macs);
        (Reads, Writes) = (reads, writes);
    }

    /// <summary>The node that it computes; the last of several.</summary>
    public string Name { get; }

    public PlanStepKind Kind { get; }

    /// <summary>Multiply-adds for one image.</summary>
    public long Macs { get; }

    public ImmutableArray<Slot> Reads { get; }

    public ImmutableArray<Slot> Writes { get; }

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Number of work items.</summary>
    public abstract int WorkItems(int images, int threads);

    /// <summary>Runs a work item.</summary>
    public abstract void Run(in Frame frame, int item);

    // Below this an item is not worth waking another thread for: some microseconds of a core's arithmetic.
    private const long MinMacsPerItem = 300_000;

    // Work items for each thread, so that one who is late holds up the others little.
    private protected const int ItemsPerThread = 4;

    // Inputs that are worked on with all the weights before the next: so many that they stay in a second-level cache of 512 KiB and more
    // beside a panel of weights.
    private protected const int BlockBytes = 256 * 1024;

    /// <summary>Where one of some parts of about the same size begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Part(int count, int parts, int part) => (int)((long)count * part / parts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected static int ItemsFor(long macs, int threads) =>
        threads == 1 ? 1 : (int)Math.Clamp(macs / MinMacsPerItem, 1, ItemsPerThread * threads);
}
