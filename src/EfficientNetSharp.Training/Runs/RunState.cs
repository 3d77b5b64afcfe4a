using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Where a run stands between two steps, beside its vectors.</summary>
internal sealed record RunState
{
    /// <summary>Epochs that are done.</summary>
    public int Epoch { get; init; }

    /// <summary>Steps done in the epoch that is under way.</summary>
    public int Batch { get; init; }

    /// <summary>Optimizer steps over the whole run; dropout and averages follow from it.</summary>
    public long Step { get; init; }

    /// <summary>Sum of the losses of this epoch's images.</summary>
    public double LossSum { get; init; }

    /// <summary>Sum of the task's measure over this epoch's images, such as how many were right.</summary>
    public double MeasureSum { get; init; }

    /// <summary>This epoch's images.</summary>
    public long Seen { get; init; }

    /// <summary>The best epochs so far, the best first, as many as are kept.</summary>
    public ImmutableArray<KeptEpoch> Best { get; init; } = [];

    /// <summary>How long the run's logs were.</summary>
    public ImmutableSortedDictionary<string, long> LogLengths { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>All epochs that are done.</summary>
    public ImmutableArray<EpochRecord> History { get; init; } = [];
}
