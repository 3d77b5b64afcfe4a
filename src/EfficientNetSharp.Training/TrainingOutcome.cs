using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training;

/// <summary>What a run gave.</summary>
/// <param name="Model">The best model by validation, as its file holds it.</param>
/// <param name="ModelPath">That file.</param>
/// <param name="BestEpoch">The epoch it is from, counted from 1.</param>
/// <param name="BestTop1">Its share of right validation images, 0…1.</param>
/// <param name="History">All epochs.</param>
/// <param name="BrokenImages">Training images that were left out.</param>
public sealed record TrainingOutcome(
    Model Model,
    string ModelPath,
    int BestEpoch,
    double BestTop1,
    ImmutableArray<EpochRecord> History,
    ImmutableArray<BrokenImage> BrokenImages);
