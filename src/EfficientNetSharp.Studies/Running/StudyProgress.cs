using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training;

namespace EfficientNetSharp.Studies.Running;

/// <summary>How far a study is.</summary>
/// <param name="Done">Trials with a result, whoever trained them.</param>
/// <param name="Total">All trials.</param>
/// <param name="Trial">The trial under way; <see langword="null"/> while others have all that is left.</param>
public sealed record StudyProgress(int Done, int Total, Trial? Trial)
{
    /// <summary>How far its training is; <see langword="null"/> before it and behind it.</summary>
    public TrainingProgress? Training { get; init; }

    /// <summary>Its result when it has one; otherwise <see langword="null"/>.</summary>
    public TrialResult? Result { get; init; }

    /// <summary>
    /// Time left for the whole study, if as many processes go on as have a trial now; <see langword="null"/> while no trial is done to tell
    /// by.
    /// </summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Processes that have a trial under way.</summary>
    public int Processes { get; init; } = 1;
}
