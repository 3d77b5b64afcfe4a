using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>How <see cref="VerificationEvaluator"/> measures.</summary>
public sealed record VerificationOptions
{
    /// <summary>The false accept rates that thresholds are found for, each above 0 and below 1; default 0.1 to 1e-6 by tens.</summary>
    public ImmutableArray<double> FalseAcceptRates { get; init; } = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>Samples that intervals are taken from, at least 1; default 1000.</summary>
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>What intervals depend on; default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many of the genuine pairs with the lowest and of the impostor pairs with the highest scores to keep.</summary>
    public int Worst { get; init; } = 12;
}

/// <summary>A threshold for a false accept rate and what it does, each with the middle 95 % of where it may lie.</summary>
public sealed record VerificationPoint
{
    /// <summary>The false accept rate that was asked for.</summary>
    public required double Target { get; init; }

    /// <summary>
    /// The lowest threshold whose rate is not above the target; a pair is accepted where its score is above it. <see langword="null"/>
    /// where there are too few impostor pairs for a single one to be accepted: then nothing is known of so small a rate.
    /// </summary>
    public required double? Threshold { get; init; }

    /// <summary>Where the threshold may lie.</summary>
    public Interval? ThresholdInterval { get; init; }

    /// <summary>Impostor pairs accepted at the threshold.</summary>
    public int FalseAccepts { get; init; }

    /// <summary>The rate at the threshold, and where it may lie.</summary>
    public Estimate FalseAcceptRate { get; init; }

    /// <summary>Genuine pairs rejected at the threshold.</summary>
    public int FalseRejects { get; init; }

    /// <summary>Their rate, and where it may lie.</summary>
    public Estimate FalseRejectRate { get; init; }

    /// <summary>Independent impostor pairs, none of them accepted, that would bound the rate by the target at 95 %: the rule of
    /// three.</summary>
    public long PairsToBound => BinomialInterval.TrialsToBound(Target);

    /// <summary>Independent impostor pairs that would measure the target to within ± 30 % at 90 %: the rule of 30.</summary>
    public long PairsToMeasure => BinomialInterval.TrialsToMeasure(Target);
}

/// <summary>How well genuine and impostor pairs are told apart.</summary>
public sealed record VerificationResult
{
    /// <summary>Identities that the pairs are of.</summary>
    public required int Identities { get; init; }

    /// <summary>The exact curve, with the numbers of pairs, the area under it and the equal error rate.</summary>
    public required RocCurve Roc { get; init; }

    /// <summary>
    /// The share of pairs that are told right at the threshold that is best on them, of as many genuine as impostor pairs, and where it may
    /// lie at that threshold. On thousands of pairs the choice of the threshold lifts it by next to nothing.
    /// </summary>
    public required Estimate Accuracy { get; init; }

    /// <summary>Thresholds in the order of the rates asked for.</summary>
    public required ImmutableArray<VerificationPoint> Points { get; init; }

    /// <summary>Genuine pairs with the lowest scores, the lowest first, as numbers of pairs.</summary>
    public required ImmutableArray<int> WorstGenuine { get; init; }

    /// <summary>Impostor pairs with the highest scores, the highest first, as numbers of pairs.</summary>
    public required ImmutableArray<int> WorstImpostors { get; init; }
}
