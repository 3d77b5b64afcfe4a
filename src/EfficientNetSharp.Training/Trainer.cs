namespace EfficientNetSharp.Training;

/// <summary>
/// Trains a network: epochs of steps, each followed by validation of the averaged weights, of which the best are kept, and by
/// a checkpoint. A run that is stopped, at whatever moment, and resumed ends with the same weights as one that was not.
/// </summary>
public static class Trainer
{
    /// <summary>Trains.</summary>
    /// <param name="job">What, on what, how, where to.</param>
    /// <param name="progress">Told after each step and each epoch, on the calling thread.</param>
    /// <param name="cancellationToken">Stops after the step under way; a checkpoint of that moment is written first.</param>
    /// <exception cref="InvalidInputException">
    /// The job's parts do not fit each other, the folder holds another run, training diverged, or the folder cannot be written to.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; <see cref="TrainingJob.Resume"/> goes on from there.</exception>
    public static TrainingOutcome Run(TrainingJob job, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Recipe.Check();
        if (job.Data.Train.Classes.Length < 2)
            throw new InvalidInputException($"A classifier needs at least two classes, found {job.Data.Train.Classes.Length}; add folders of images.");
        if (job.Architecture.Embedding is { } embedding)
        {
            throw new InvalidInputException(
                $"'{job.Architecture.Name}' yields an embedding of {embedding.Features} features, and this training wants class scores; name a network with a classifier.");
        }

        job.Teacher?.Check(job.Preprocessing, job.Data.Train.Classes);
        using var run = new TrainingRun(job, progress);
        return run.Run(cancellationToken);
    }
}
