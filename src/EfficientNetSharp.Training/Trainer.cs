using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training;

/// <summary>
/// Trains a network: epochs of steps, each followed by validation of the averaged weights, of which the best are kept, and by
/// a checkpoint. A run that is stopped, at whatever moment, and resumed ends with the same weights as one that was not.
/// </summary>
public sealed class Trainer
{
    private readonly TrainingJob _job;
    private readonly RunFolder _folder;
    private readonly ModelCard _card;
    private readonly RunIdentity _identity;
    private readonly ModelKeeper _keeper;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly SortedDictionary<int, BrokenPicture> _broken = [];
    private RunState _state = new();

    private Trainer(TrainingJob job, IProgress<TrainingProgress>? progress)
    {
        _job = job;
        _progress = progress;
        _folder = new RunFolder(job.Folder);
        _keeper = new ModelKeeper(_folder, job.Recipe.KeepBest);
        string fingerprint = DatasetFingerprint.Of(job.Data.Train);
        _card = new ModelCard
        {
            Classes = job.Data.Train.Classes,
            Preprocessing = job.Preprocessing,
            InputChannels = job.Preprocessing.Mean.Length,
        };
        _identity = new RunIdentity(RecipeJson.Serialize(job.Recipe), ModelJson.Serialize(job.Architecture), ModelJson.Serialize(_card), fingerprint);
    }

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
            throw new InvalidInputException($"A classifier needs at least two classes, found {job.Data.Train.Classes.Length}; add folders of pictures.");
        if (job.Architecture.Embedding is { } embedding)
        {
            throw new InvalidInputException(
                $"'{job.Architecture.Name}' yields an embedding of {embedding.Features} features, and this training wants class scores; name a network with a classifier.");
        }

        job.Teacher?.Check(job.Preprocessing, job.Data.Train.Classes);
        return new Trainer(job, progress).Run(cancellationToken);
    }

    private TrainingOutcome Run(CancellationToken cancellationToken)
    {
        _folder.Create();
        var plan = PlanOf(_state.Epoch);
        var loader = MakeLoader(plan);
        try
        {
            using var session = new TrainingSession(_job, loader.BatchCount);
            Begin(session);
            while (!IsDone)
            {
                if (PlanOf(_state.Epoch) is var next && next != plan)
                {
                    CollectBroken(loader);
                    loader.Dispose();
                    (plan, loader) = (next, MakeLoader(next));
                }

                session.Enter(plan);
                var epoch = TrainEpoch(session, loader, cancellationToken);
                EndEpoch(session, epoch, cancellationToken);
            }

            CollectBroken(loader);
        }
        finally
        {
            loader.Dispose();
        }

        return new TrainingOutcome(ModelFile.Load(_folder.Model), _folder.Model, _state.Best[0].Epoch, _state.Best[0].Top1, _state.History, [.. _broken.Values]);
    }

    private bool IsDone => _state.Epoch >= _job.Recipe.TotalEpochs || IsOutOfPatience;

    private bool IsOutOfPatience => _job.Recipe.Patience > 0 && _state.Best.Length > 0 && _state.Epoch - _state.Best[0].Epoch >= _job.Recipe.Patience;

    private EpochPlan PlanOf(int epoch) => EpochPlan.Of(_job.Recipe, _job.Preprocessing, epoch);

    private BrokenPicturePolicy BrokenPictures => _job.Strict ? BrokenPicturePolicy.Fail : BrokenPicturePolicy.Skip;

    private BatchLoader MakeLoader(EpochPlan plan) => new(_job.Data.Train, new TrainingTransform(plan.Input, plan.Augmentation), new BatchLoaderOptions
    {
        BatchSize = _job.Recipe.BatchSize,
        Training = true,
        Seed = _job.Recipe.Seed,
        Workers = _job.Workers,
        BrokenPictures = BrokenPictures,
    });

    private void CollectBroken(BatchLoader loader)
    {
        foreach (var picture in loader.BrokenPictures) _broken.TryAdd(picture.Index, picture);
    }

    private void Begin(TrainingSession session)
    {
        if (!File.Exists(_folder.Checkpoint))
        {
            _folder.WriteRecipe(_job.Recipe);
            return;
        }

        if (!_job.Resume)
            throw new InvalidInputException($"'{_folder.Path}' holds a run already; go on with it by --resume, or name another folder with -o.");
        var before = Checkpoints.ReadIdentity(_folder.Checkpoint);
        string? difference = before switch
        {
            _ when before.DataFingerprint != _identity.DataFingerprint => "its pictures are others",
            _ when before.Architecture != _identity.Architecture => "its architecture is another",
            _ when before.Card != _identity.Card => "its classes or preprocessing are others",
            _ when before.Recipe != _identity.Recipe => "its recipe is another",
            _ => null,
        };
        if (difference is not null)
            throw new InvalidInputException($"The run in '{_folder.Path}' cannot go on: {difference}. Give the same data and options, or name another folder with -o.");
        _state = session.RestoreVectors(vectors => Checkpoints.Load(_folder.Checkpoint, vectors));
    }

    // Returns the progress at the epoch's last step.
    private TrainingProgress TrainEpoch(TrainingSession session, BatchLoader loader, CancellationToken cancellationToken)
    {
        long started = _job.TimeProvider.GetTimestamp(), seenBefore = _state.Seen;
        var last = ProgressAt(session, loader, 0, 0);
        foreach (var batch in loader.Batches(_state.Epoch, _state.Batch, CancellationToken.None))
        {
            using (batch)
            {
                // Batch normalisation needs two values a channel; broken pictures can leave less.
                if (batch.Count >= 2)
                {
                    var result = session.Step(TrainingBatch.Of(batch), _state.Step);
                    _state = _state with
                    {
                        Step = _state.Step + 1,
                        LossSum = _state.LossSum + (result.Loss * batch.Count),
                        Right = _state.Right + result.Right,
                        Seen = _state.Seen + batch.Count,
                    };
                }

                _state = _state with { Batch = batch.Number + 1 };
            }

            last = ProgressAt(session, loader, _state.Seen - seenBefore, _job.TimeProvider.GetElapsedTime(started).TotalSeconds);
            _progress?.Report(last);
            if (cancellationToken.IsCancellationRequested && _state.Batch < loader.BatchCount) Stop(session, cancellationToken);
        }

        return last;
    }

    private void Stop(TrainingSession session, CancellationToken cancellationToken)
    {
        SaveCheckpoint(session);
        throw new OperationCanceledException(cancellationToken);
    }

    private void EndEpoch(TrainingSession session, TrainingProgress epoch, CancellationToken cancellationToken)
    {
        var weights = session.Export();
        var result = Validate(session, weights, cancellationToken);
        int number = _state.Epoch + 1;
        var record = new EpochRecord(number, epoch.Loss, result.Loss, result.Top1, epoch.LearningRate, epoch.Top1);
        _state = _state with
        {
            Epoch = number,
            Batch = 0,
            LossSum = 0,
            Right = 0,
            Seen = 0,
            History = _state.History.Add(record),
            Best = _keeper.Judge(_state.Best, number, result),
        };
        _keeper.Write(_state.Best, number, () => new Model(_job.Architecture, _card with { Provenance = Provenance(result) }, weights));
        SaveCheckpoint(session);
        _keeper.Prune(_state.Best);
        _folder.WriteHistory(_state.History);
        _progress?.Report(epoch with { Ended = record, IsBest = _state.Best[0].Epoch == number });
        if (!IsDone) cancellationToken.ThrowIfCancellationRequested();
    }

    private ClassificationResult Validate(TrainingSession session, WeightSet weights, CancellationToken cancellationToken)
    {
        using var runner = new TorchRunner(session.Graph, weights);
        var options = new EvaluationOptions { BatchSize = _job.Recipe.BatchSize, Workers = _job.Workers, BrokenPictures = BrokenPictures };
        try
        {
            return DatasetEvaluator.Run(
                runner, new EvaluationTransform(_job.Preprocessing), _job.Data.Validation, options, cancellationToken: cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The steps of the epoch are done; the resumed run begins with this validation.
            SaveCheckpoint(session);
            throw;
        }
    }

    private void SaveCheckpoint(TrainingSession session) =>
        Checkpoints.Save(_folder.Checkpoint, _state, _identity, session.CaptureVectors());

    private ImmutableSortedDictionary<string, string> Provenance(ClassificationResult result) => new Dictionary<string, string>
    {
        ["dataFingerprint"] = _identity.DataFingerprint,
        ["epoch"] = _state.Epoch.ToString(CultureInfo.InvariantCulture),
        ["recipe"] = _identity.Recipe,
        ["tool"] = $"EfficientNetSharp {typeof(Trainer).Assembly.GetName().Version?.ToString(3)}",
        ["trainingPictures"] = _job.Data.Train.Count.ToString(CultureInfo.InvariantCulture),
        ["validationPictures"] = _job.Data.Validation.Count.ToString(CultureInfo.InvariantCulture),
        ["validationTop1"] = result.Top1.ToString("R", CultureInfo.InvariantCulture),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private TrainingProgress ProgressAt(TrainingSession session, BatchLoader loader, long seen, double seconds)
    {
        double rate = seconds > 0 ? seen / seconds : 0;
        long left = ((long)(_job.Recipe.TotalEpochs - _state.Epoch) * loader.BatchCount) - _state.Batch;
        return new TrainingProgress(
            _state.Epoch + 1,
            _job.Recipe.TotalEpochs,
            _state.Batch,
            loader.BatchCount,
            _state.Seen == 0 ? 0 : _state.LossSum / _state.Seen,
            _state.Seen == 0 ? 0 : (double)_state.Right / _state.Seen,
            session.LearningRateAt(Math.Max(0, _state.Step - 1)),
            rate,
            rate > 0 ? TimeSpan.FromSeconds(left * _job.Recipe.BatchSize / rate) : TimeSpan.Zero,
            loader.WaitShare,
            null,
            false);
    }
}
