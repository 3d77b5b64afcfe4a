using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Models;
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
    private readonly IProgress<TrainingProgress>? _progress;
    private RunState _state = new();

    private Trainer(TrainingJob job, IProgress<TrainingProgress>? progress)
    {
        _job = job;
        _progress = progress;
        _folder = new RunFolder(job.Folder);
        string fingerprint = DatasetFingerprint.Of(job.Data.Train);
        _card = new ModelCard
        {
            Classes = job.Data.Train.Classes,
            Preprocessing = job.Preprocessing,
            InputChannels = job.Preprocessing.Mean.Length,
        };
        _identity = new RunIdentity(job.Recipe, ModelJson.Serialize(job.Architecture), ModelJson.Serialize(_card), fingerprint);
    }

    /// <summary>Trains.</summary>
    /// <param name="job">What, on what, how, where to.</param>
    /// <param name="progress">Told after each step and each epoch, on the calling thread.</param>
    /// <param name="cancellationToken">Stops after the step under way; a checkpoint of that moment is written first.</param>
    /// <exception cref="InvalidInputException">The job's data do not fit each other, the folder holds another run, or training diverged.</exception>
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

        return new Trainer(job, progress).Run(cancellationToken);
    }

    private TrainingOutcome Run(CancellationToken cancellationToken)
    {
        _folder.Create();
        var train = new TrainingTransform(_job.Preprocessing, _job.Recipe.Augmentation);
        using var loader = new BatchLoader(_job.Data.Train, train, new BatchLoaderOptions
        {
            BatchSize = _job.Recipe.BatchSize,
            Training = true,
            Seed = _job.Recipe.Seed,
            Workers = _job.Workers,
            BrokenPictures = _job.Strict ? BrokenPicturePolicy.Fail : BrokenPicturePolicy.Skip,
        });
        using var session = new TrainingSession(_job, loader.BatchCount);
        Begin(session);
        while (_state.Epoch < _job.Recipe.Epochs)
        {
            var epoch = TrainEpoch(session, loader, cancellationToken);
            EndEpoch(session, epoch, cancellationToken);
        }

        return new TrainingOutcome(
            ModelFile.Load(_folder.Model), _folder.Model, _state.BestEpoch, _state.BestTop1, _state.History, [.. loader.BrokenPictures]);
    }

    private void Begin(TrainingSession session)
    {
        if (!File.Exists(_folder.Checkpoint))
        {
            AtomicFile.WriteText(_folder.Recipe, Checkpoints.Serialize(_job.Recipe));
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
                    var (loss, right) = session.Step(batch.Pictures.Span, batch.Labels, _state.Step);
                    _state = _state with
                    {
                        Step = _state.Step + 1,
                        LossSum = _state.LossSum + (loss * batch.Count),
                        Right = _state.Right + right,
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
        var record = new EpochRecord(_state.Epoch + 1, epoch.Loss, result.Loss, result.Top1, epoch.LearningRate, epoch.Top1);
        double loss = result.Loss ?? double.PositiveInfinity;
        bool best = _state.BestEpoch == 0 || result.Top1 > _state.BestTop1 || (result.Top1 == _state.BestTop1 && loss < _state.BestLoss);
        _state = _state with
        {
            Epoch = _state.Epoch + 1,
            Batch = 0,
            LossSum = 0,
            Right = 0,
            Seen = 0,
            History = _state.History.Add(record),
            BestEpoch = best ? _state.Epoch + 1 : _state.BestEpoch,
            BestTop1 = best ? result.Top1 : _state.BestTop1,
            BestLoss = best ? loss : _state.BestLoss,
        };

        // Model first: if the run dies between the two, it repeats this epoch and writes the same model again.
        if (best) ModelFile.Save(new Model(_job.Architecture, _card with { Provenance = Provenance(result) }, weights), _folder.Model);
        SaveCheckpoint(session);
        _folder.WriteHistory(_state.History);
        _progress?.Report(epoch with { Ended = record, IsBest = best });
        if (_state.Epoch < _job.Recipe.Epochs) cancellationToken.ThrowIfCancellationRequested();
    }

    private ClassificationResult Validate(TrainingSession session, WeightSet weights, CancellationToken cancellationToken)
    {
        using var runner = new TorchRunner(session.Graph, weights);
        var options = new EvaluationOptions
        {
            BatchSize = _job.Recipe.BatchSize,
            Workers = _job.Workers,
            BrokenPictures = _job.Strict ? BrokenPicturePolicy.Fail : BrokenPicturePolicy.Skip,
        };
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
        ["epoch"] = (_state.Epoch).ToString(CultureInfo.InvariantCulture),
        ["recipe"] = Checkpoints.Serialize(_job.Recipe),
        ["tool"] = $"EfficientNetSharp {typeof(Trainer).Assembly.GetName().Version?.ToString(3)}",
        ["trainingPictures"] = _job.Data.Train.Count.ToString(CultureInfo.InvariantCulture),
        ["validationPictures"] = _job.Data.Validation.Count.ToString(CultureInfo.InvariantCulture),
        ["validationTop1"] = result.Top1.ToString("R", CultureInfo.InvariantCulture),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private TrainingProgress ProgressAt(TrainingSession session, BatchLoader loader, long seen, double seconds)
    {
        double rate = seconds > 0 ? seen / seconds : 0;
        long left = ((long)(_job.Recipe.Epochs - _state.Epoch) * loader.BatchCount) - _state.Batch;
        return new TrainingProgress(
            _state.Epoch + 1,
            _job.Recipe.Epochs,
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
