using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Training.Probing;

/// <summary>A probe as a run holds it: what comes after it begins here, so a resumed run reads it instead of fitting anew.</summary>
internal sealed record ProbeState
{
    /// <summary>The penalty that cross-validation chose.</summary>
    public required double Penalty { get; init; }

    /// <summary>Folds of that cross-validation.</summary>
    public required int PenaltyFolds { get; init; }

    /// <summary>The head of all images.</summary>
    public required LinearHead Head { get; init; }

    /// <summary>The head of all images but a fold's, by fold; empty where there are no folds.</summary>
    public ImmutableArray<LinearHead> FoldHeads { get; init; } = [];

    /// <summary>
    /// What the heads that were fitted without them say of the images that are held out in turn; empty where there are no folds.
    /// </summary>
    public LogitTable HeldOut { get; init; } = LogitTable.Empty;

    /// <summary>The head on the images that it was fitted to, and on those held out of the choice of its penalty: the epoch before the first.</summary>
    public required EpochRecord Fitted { get; init; }

    /// <summary>Images that could not be read.</summary>
    public ImmutableArray<BrokenImage> BrokenImages { get; init; } = [];

    /// <summary>What came of the folds' trainings; <see langword="null"/> before they are all done.</summary>
    public FoldedResult? Result { get; init; }
}

/// <summary>What the trainings of the folds came to.</summary>
/// <param name="HeldOut">What the fine-tuned networks that were trained without them say of the held-out images.</param>
/// <param name="Share">How far these networks lie from the probe towards the weights that training ended with: 1 for the latter.</param>
/// <param name="History">The folds' mean, epoch by epoch.</param>
internal sealed record FoldedResult(LogitTable HeldOut, double Share, ImmutableArray<EpochRecord> History);
