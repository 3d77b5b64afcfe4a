using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training;

/// <summary>What a run gave.</summary>
/// <param name="Model">
/// The best model by validation, as its file holds it. Of several processes the first has it for certain; the others have the weights of
/// the last epoch where the best one was before a run was resumed, and never statistics that were measured anew.
/// </param>
/// <param name="ModelPath">That file; <see langword="null"/> for a run in memory.</param>
/// <param name="BestEpoch">The epoch it is from, counted from 1; 0 for the weights that training started from.</param>
/// <param name="BestScore">Its score on the validation images, which is <paramref name="Task"/>'s.</param>
/// <param name="History">All epochs.</param>
/// <param name="BrokenImages">Training images that were left out.</param>
/// <param name="Task">What it was trained for, and how its measures are called.</param>
public sealed record TrainingOutcome(
    Model Model,
    string? ModelPath,
    int BestEpoch,
    double BestScore,
    ImmutableArray<EpochRecord> History,
    ImmutableArray<BrokenImage> BrokenImages,
    TaskSummary Task)
{
    /// <summary>
    /// Validation images that could not be read the last time, and so had no say in which epoch is the best; of several processes the
    /// first one's share.
    /// </summary>
    public ImmutableArray<BrokenImage> BrokenValidationImages { get; init; } = [];

    /// <summary>What the probe that training began with came to; <see langword="null"/> where it began with none.</summary>
    public ProbeOutcome? Probe { get; init; }
}
