using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Rounding;

namespace EfficientNetSharp.Training;

/// <summary>
/// Trains a network: epochs of steps, each followed by validation of the averaged weights, of which the best are kept, and by
/// a checkpoint. A run that is stopped, at whatever moment, and resumed ends with the same weights as one that was not. A run without a
/// folder is the same in memory, without checkpoints. A recipe with a <see cref="Recipes.ProbeOptions">probe</see> fits a head first.
/// </summary>
public static class Trainer
{
    /// <summary>Trains.</summary>
    /// <param name="job">What, on what, how, where to.</param>
    /// <param name="progress">Told after each step and each epoch, on the calling thread.</param>
    /// <param name="cancellationToken">
    /// Stops after the step under way; where the run has a folder, a checkpoint of that moment is written first.
    /// </param>
    /// <exception cref="InvalidInputException">
    /// The job's parts do not fit each other, the folder holds another run, training diverged, or the folder cannot be written to.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled; <see cref="TrainingJob.Resume"/> goes on from there.
    /// </exception>
    public static TrainingOutcome Run(TrainingJob job, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Recipe.Check();
        job.Task.Check(job.Context);
        RoundingRules.Check(job);
        if (job is { Folder: null, Resume: true })
            throw new InvalidInputException("A run in memory leaves nothing to go on from; give it a folder.");
        if (job.BeginsWithProbe) return new ProbedRun(job, progress).Run(cancellationToken);
        using var run = new TrainingRun(job, progress);
        return run.Run(cancellationToken);
    }
}
