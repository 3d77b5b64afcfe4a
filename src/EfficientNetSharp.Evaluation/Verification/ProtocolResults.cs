using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>What <see cref="InsightFaceProtocol"/> measures.</summary>
public sealed record InsightFaceResult
{
    /// <summary>The mean of the folds' accuracies, a fraction.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The population standard deviation (divided by the number of folds) of the folds' accuracies.</summary>
    public required double AccuracyDeviation { get; init; }

    /// <summary>Each fold's accuracy, with the threshold chosen on the others.</summary>
    public required ImmutableArray<double> FoldAccuracies { get; init; }

    /// <summary>The squared distance below which a pair counts as the same, for each fold.</summary>
    public required ImmutableArray<double> FoldThresholds { get; init; }

    /// <summary>The validation rate at a false accept rate; <see langword="null"/> where a fold lacks genuine or impostor pairs.</summary>
    public required ValidationRate? Validation { get; init; }

    /// <summary>
    /// The mean length of the embeddings before anything is done to them, flipped images included: what arcface_torch prints as XNorm. A
    /// value that no longer changes from epoch to epoch is a sign of collapse.
    /// </summary>
    public required double MeanNorm { get; init; }
}

/// <summary>VAL@FAR: how many genuine pairs are accepted at a threshold chosen for a false accept rate, over folds.</summary>
/// <param name="Target">The false accept rate that thresholds were chosen for.</param>
/// <param name="Rate">The mean validation rate on the held-out folds: the share of genuine pairs that are accepted.</param>
/// <param name="Deviation">The population standard deviation of the folds' rates.</param>
/// <param name="FalseAcceptRate">The mean false accept rate on the held-out folds.</param>
/// <param name="Thresholds">Each fold's threshold, a squared distance; 0 where the rate is not reached on the other folds.</param>
public sealed record ValidationRate(
    double Target, double Rate, double Deviation, double FalseAcceptRate, ImmutableArray<double> Thresholds);

/// <summary>What <see cref="FaceXZooProtocol"/> measures.</summary>
public sealed record FaceXZooResult
{
    /// <summary>The mean of the folds' accuracies, a fraction.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The standard error of the mean: the sample standard deviation over the square root of the number of folds.</summary>
    public required double StandardError { get; init; }

    /// <summary>Each fold's accuracy, with the threshold chosen on the others.</summary>
    public required ImmutableArray<double> FoldAccuracies { get; init; }

    /// <summary>The cosine above which a pair counts as the same, for each fold.</summary>
    public required ImmutableArray<double> FoldThresholds { get; init; }
}
