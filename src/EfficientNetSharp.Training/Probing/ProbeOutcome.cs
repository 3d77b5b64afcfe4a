using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Training.Probing;

/// <summary>What the probe and the fine-tuning after it came to, on the same images that neither had learned from.</summary>
public sealed record ProbeOutcome
{
    /// <summary>Images that the model has learned from.</summary>
    public required int Images { get; init; }

    /// <summary>
    /// Folds whose images were held out in turn, so that all judge; 1 where one fold's judged; 0 where a validation part did. With folds the
    /// model has learned from all images.
    /// </summary>
    public required int Folds { get; init; }

    /// <summary>The penalty of the probe's weights, rows being scaled to variance 1.</summary>
    public required double Penalty { get; init; }

    /// <summary>The probe's score.</summary>
    public required double ProbeScore { get; init; }

    /// <summary>The fine-tuned network's score; <see langword="null"/> where there is none, or none yet.</summary>
    public double? FineTunedScore { get; init; }

    /// <summary>
    /// How far the weights that <see cref="FineTunedScore"/> is of lie from the probe's towards those that fine-tuning ended with: 1 for the
    /// latter.
    /// </summary>
    public double FineTunedShare { get; init; } = 1;

    /// <summary>Images that the scores are of.</summary>
    public required long Judged { get; init; }

    /// <summary>Whether the probe is kept.</summary>
    public required bool KeepsProbe { get; init; }

    /// <summary>How what is kept did on the held-out images of all folds; <see langword="null"/> where there are no folds.</summary>
    public ClassificationResult? HeldOut { get; init; }

    /// <summary>The images that <see cref="HeldOut"/>'s mistakes are numbers of.</summary>
    public IImageDataset? HeldOutImages { get; init; }

    /// <summary>Standard error of a score: √(p(1 − p)/n).</summary>
    /// <param name="score">The score, a share of right answers.</param>
    public double StandardError(double score) => Math.Sqrt(score * (1 - score) / Math.Max(1, Judged));
}
