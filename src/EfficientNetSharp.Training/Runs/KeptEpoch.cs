using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Training.Runs;

/// <summary>An epoch whose model is kept.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Score">Its score on the validation images.</param>
/// <param name="TieBreaker">Its validation loss, which decides between equal scores; <see langword="null"/> where there is none.</param>
internal sealed record KeptEpoch(int Epoch, double Score, double? TieBreaker)
{
    /// <summary>The best of some epochs and another, by <see cref="EpochOrder"/>.</summary>
    /// <param name="kept">The epochs that are kept.</param>
    /// <param name="candidate">The other.</param>
    /// <param name="measure">What the score is.</param>
    /// <param name="count">How many are kept.</param>
    public static ImmutableArray<KeptEpoch> Best(ImmutableArray<KeptEpoch> kept, KeptEpoch candidate, Measure measure, int count) =>
    [
        .. EpochOrder.BestFirst(kept.Add(candidate), measure, one => (one.Score, one.TieBreaker), one => one.Epoch).Take(count),
    ];
}
