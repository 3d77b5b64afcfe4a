using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training;

/// <summary>How far a run is: told after each step, and with <see cref="Ended"/> after each epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs of the run.</param>
/// <param name="Batch">Steps done in this epoch.</param>
/// <param name="Batches">Steps of an epoch.</param>
/// <param name="Loss">Mean training loss of this epoch so far.</param>
/// <param name="TrainMeasure">
/// The mean of the task's measure over this epoch's training images so far; <see langword="null"/> where it has none.
/// </param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Training images per second in this epoch, validation not counted.</param>
/// <param name="Remaining">Estimated time to the end of the run.</param>
/// <param name="WaitShare">Share of the epoch's time spent waiting for images, 0…1.</param>
/// <param name="Ended">The epoch's record when it has ended; otherwise <see langword="null"/>.</param>
/// <param name="IsBest">Whether the epoch that ended is the best so far.</param>
/// <param name="Task">What it is trained for, and how its measures are called.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    int Batch,
    int Batches,
    double Loss,
    double? TrainMeasure,
    double LearningRate,
    double ImagesPerSecond,
    TimeSpan Remaining,
    double WaitShare,
    EpochRecord? Ended,
    bool IsBest,
    TaskSummary Task)
{
    /// <summary>
    /// How far reading features is; nothing else is told then. <see langword="null"/> at all other times.
    /// </summary>
    public EvaluationProgress? Reading { get; init; }

    /// <summary>
    /// How far judging the epoch's network on the validation images is, of several processes the first one's share;
    /// <see langword="null"/> while it trains.
    /// </summary>
    public EvaluationProgress? Validating { get; init; }

    /// <summary>The probe, told once when it is fitted; <see langword="null"/> at all other times.</summary>
    public ProbeOutcome? Probe { get; init; }

    /// <summary>
    /// The fold whose images are held out of the training under way, from 1; one more than <see cref="Folds"/> in the training after them, on
    /// all images; 0 where there are no folds.
    /// </summary>
    public int Fold { get; init; }

    /// <summary>Number of folds that are held out in turn; 0 where there are none.</summary>
    public int Folds { get; init; }

    /// <summary>That of a run before its first step.</summary>
    internal static TrainingProgress Of(TrainingJob job) =>
        new(0, job.Recipe.TotalEpochs, 0, 0, 0, null, 0, 0, TimeSpan.Zero, 0, null, false, job.Task.Summary);
}
