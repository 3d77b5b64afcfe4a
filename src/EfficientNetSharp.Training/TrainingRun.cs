using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Logging;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training;

/// <summary>A run from its folder's making to its outcome; <see cref="Trainer"/> starts it.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingJob _job;
    private readonly RunFolder _folder;
    private readonly ModelCard _card;
    private readonly RunIdentity _identity;
    private readonly ModelKeeper _keeper;
    private readonly TrainingSession _session;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly SortedDictionary<int, BrokenImage> _broken = [];
    private EpochPlan _plan;
    private BatchLoader _loader;
    private RunLogs? _logs;
    private RunState _state = new();

    /// <summary>Prepares all but the folder, which is left alone until the job is known to be sound.</summary>
    public TrainingRun(TrainingJob job, IProgress<TrainingProgress>? progress)
    {
        _job = job;
        _progress = progress;
        _folder = new RunFolder(job.Folder);
        _keeper = new ModelKeeper(_folder, job.Recipe.KeepBest);
        _card = new ModelCard
        {
            Classes = job.Data.Train.Classes,
            Preprocessing = job.Preprocessing,
        };
        _identity = RunIdentity.Of(job.Recipe, job.Architecture, _card, job.Data.Train, job.StartWeights);
        _plan = PlanOf(epoch: 0);
        _loader = MakeLoader(_plan, Group);
        _session = new TrainingSession(job, _loader.BatchCount);
    }

    /// <summary>Does it, or what is left of it.</summary>
    public TrainingOutcome Run(CancellationToken cancellationToken)
    {
        if (IsFirst) _folder.Create();
        try
        {
            Begin();
            while (!IsDone)
            {
                Enter(PlanOf(_state.Epoch));
                var epoch = TrainEpoch(cancellationToken);
                EndEpoch(epoch, cancellationToken);
            }

            double top1 = (IsFirst ? MeasureStatistics(cancellationToken) : null) ?? _state.Best[0].Top1;
            CollectBroken();
            // The first has all files; the others, whose machines may not see them, have the last epoch's weights.
            if (!IsFirst) return new TrainingOutcome(Model.Of(_job.Architecture, _card, _session.Export()), _folder.Model, _state.Best[0].Epoch, top1, _state.History, [.. _broken.Values]);
            return new TrainingOutcome(ModelFile.Load(_folder.Model), _folder.Model, _state.Best[0].Epoch, top1, _state.History, [.. _broken.Values]);
        }
        catch (IOException exception)
        {
            // All that is read is checked where it is read, so this is a file that could not be written.
            string kept = File.Exists(_folder.Checkpoint) ? "The checkpoint of before is whole: make room, then go on with --resume." : "Make room, then train again.";
            throw new InvalidInputException($"The run's folder '{_folder.Path}' cannot be written to ({OneLine.Clean(exception.Message, 200)}). {kept}", exception);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _logs?.Dispose();
        _session.Dispose();
        _loader.Dispose();
    }

    private IProcessGroup Group => _job.Group;

    // It alone writes and reports.
    private bool IsFirst => Group.Rank == 0;

    private bool IsDone => _state.Epoch >= _job.Recipe.TotalEpochs || IsOutOfPatience;

    private bool IsOutOfPatience => _job.Recipe.Patience > 0 && _state.Best.Length > 0 && _state.Epoch - _state.Best[0].Epoch >= _job.Recipe.Patience;

    private EpochPlan PlanOf(int epoch) => EpochPlan.Of(_job.Recipe, _job.Preprocessing, epoch);

    private BrokenImagePolicy BrokenImages => _job.Strict ? BrokenImagePolicy.Fail : BrokenImagePolicy.Skip;

    // Another plan needs other images, and so another _loader.
    private void Enter(EpochPlan plan)
    {
        if (plan != _plan)
        {
            CollectBroken();
            _loader.Dispose();
            (_plan, _loader) = (plan, MakeLoader(plan, Group));
        }

        _session.Enter(plan);
    }

    private BatchLoader MakeLoader(EpochPlan plan, IProcessGroup group) => new(_job.Data.Train, new TrainingTransform(plan.Input, plan.Augmentation), new BatchLoaderOptions
    {
        BatchSize = _job.Recipe.BatchSize,
        Training = true,
        Seed = _job.Recipe.Seed,
        Workers = _job.Workers,
        BrokenImages = BrokenImages,
        Rank = group.Rank,
        RankCount = group.Size,
        Mixing = plan.Mixing.IsOn ? plan.Mixing : null,
    });

    private void CollectBroken()
    {
        foreach (var image in _loader.BrokenImages) _broken.TryAdd(image.Index, image);
    }

    private void Begin()
    {
        if (IsFirst) BeginFirst();
        if (Group.Size == 1) return;
        _state = Checkpoints.Broadcast(_state, Group);
        _session.Broadcast();
    }

    private void BeginFirst()
    {
        if (File.Exists(_folder.Checkpoint)) Continue();
        else
        {
            _folder.WriteRecipe(_job.Recipe);
            _folder.WriteEnvironment(RunEnvironment.Current(_job.Device));
            if (_job.Description is { } description) _folder.WriteDescription(description);
        }

        _logs = new RunLogs(_folder.Log, _folder.Path, _state.LogLengths, _job.TimeProvider);
    }

    private void Continue()
    {
        if (!_job.Resume)
            throw new InvalidInputException($"'{_folder.Path}' holds a run already; go on with it by --resume, or name another folder with -o.");
        if (_identity.DifferenceFrom(Checkpoints.ReadIdentity(_folder.Checkpoint)) is { } difference)
            throw new InvalidInputException($"The run in '{_folder.Path}' cannot go on: {difference}. Give the same data and options, or name another folder with -o.");
        _folder.RemoveUnfinished();
        _state = _session.RestoreVectors(vectors => Checkpoints.Load(_folder.Checkpoint, vectors));
    }

    // Returns the progress at the epoch's last step.
    private TrainingProgress TrainEpoch(CancellationToken cancellationToken)
    {
        long started = _job.TimeProvider.GetTimestamp(), seenBefore = _state.Seen;
        var last = ProgressAt(0, 0);
        foreach (var batch in _loader.Batches(_state.Epoch, _state.Batch, CancellationToken.None))
        {
            BatchShare share;
            using (batch)
            {
                share = BatchShare.Agree(Group, batch.Count, cancellationToken.IsCancellationRequested);
                if (share.IsStep)
                {
                    var result = _session.Step(TrainingBatch.Of(batch), share, _state.Step);
                    _logs?.Add(new StepRecord(_state.Step, _state.Epoch + 1, result.Loss, _session.LearningRateAt(_state.Step), result.GradientNorm));
                    _state = _state with
                    {
                        Step = _state.Step + 1,
                        LossSum = _state.LossSum + (result.Loss * share.Total),
                        Right = _state.Right + result.Right,
                        Seen = _state.Seen + share.Total,
                    };
                }

                _state = _state with { Batch = batch.Number + 1 };
            }

            last = ProgressAt(_state.Seen - seenBefore, _job.TimeProvider.GetElapsedTime(started).TotalSeconds);
            if (IsFirst) _progress?.Report(last);
            // All stop after the same step: one process asks at once, several hear of it before the next one's end.
            bool stops = Group.Size > 1 ? share.Stops : cancellationToken.IsCancellationRequested;
            if (stops && _state.Batch < _loader.BatchCount) Stop(cancellationToken);
        }

        return last;
    }

    private void Stop(CancellationToken cancellationToken)
    {
        SaveCheckpoint();
        Group.Barrier();
        throw new OperationCanceledException(cancellationToken);
    }

    private void EndEpoch(TrainingProgress epoch, CancellationToken cancellationToken)
    {
        _session.JoinStatistics();
        var weights = _session.Export();
        var result = Validate(weights, Group, cancellationToken);
        int number = _state.Epoch + 1;
        var record = new EpochRecord(number, epoch.Loss, result.Loss, result.Top1, epoch.LearningRate, epoch.Top1);
        _logs?.Add(record, _state.Step);
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
        if (IsFirst) _keeper.Write(_state.Best, number, () => Model.Of(_job.Architecture, _card with { Provenance = Provenance(result, number) }, weights));
        SaveCheckpoint();
        if (IsFirst)
        {
            _keeper.Prune(_state.Best);
            _folder.WriteHistory(_state.History);
            _progress?.Report(epoch with { Ended = record, IsBest = _state.Best[0].Epoch == number });
        }

        bool stops = BatchShare.Agree(Group, 0, cancellationToken.IsCancellationRequested).Stops;
        if (stops && !IsDone) throw new OperationCanceledException(cancellationToken);
    }

    private ClassificationResult Validate(WeightSet weights, IProcessGroup group, CancellationToken cancellationToken)
    {
        if (group.Size > 1) return ShardedValidation.Run(group, _job.Data.Validation, part => Judge(weights, part, CancellationToken.None));
        try
        {
            return Judge(weights, _job.Data.Validation, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The steps of the epoch are done; the resumed run begins with this validation.
            SaveCheckpoint();
            throw;
        }
    }

    private ClassificationResult Judge(WeightSet weights, IImageDataset images, CancellationToken cancellationToken)
    {
        using var runner = new TorchRunner(_session.Graph, weights);
        var options = new EvaluationOptions { BatchSize = _job.Recipe.BatchSize, Workers = _job.Workers, BrokenImages = BrokenImages };
        return DatasetEvaluator.Run(runner, new EvaluationTransform(_job.Preprocessing), images, options, cancellationToken: cancellationToken);
    }

    // The best epoch's running statistics anew, where the recipe wants it; its share of right images if the new ones are kept.
    private double? MeasureStatistics(CancellationToken cancellationToken)
    {
        if (_job.Recipe.PreciseStatisticsBatches == 0) return null;
        Enter(PlanOf(_job.Recipe.TotalEpochs - 1));
        using var alone = new SingleProcessGroup();
        using var loader = MakeLoader(_plan, alone);
        var model = ModelFile.Load(_folder.Model);
        var batches = loader.Batches(_job.Recipe.TotalEpochs, 0, cancellationToken).Take(_job.Recipe.PreciseStatisticsBatches);
        var weights = PreciseStatistics.Measure(_session.Graph, model.Weights, _plan.Input, batches);
        var result = Validate(weights, alone, cancellationToken);
        var best = _state.Best[0];
        if (_keeper.Judge([best], _state.Epoch + 1, result)[0] == best) return null;
        ModelFile.Save(model with { Weights = weights, Card = model.Card with { Provenance = Provenance(result, best.Epoch) } }, _folder.Model);
        return result.Top1;
    }

    private void SaveCheckpoint()
    {
        _session.JoinStatistics();
        if (!IsFirst) return;
        // Logs first: a checkpoint must not know of lines that a power cut can take.
        _state = _state with { LogLengths = _logs!.Flush() };
        Checkpoints.Save(_folder.Checkpoint, _state, _identity, _session.CaptureVectors());
    }

    private ImmutableSortedDictionary<string, string> Provenance(ClassificationResult result, int epoch) => new Dictionary<string, string>
    {
        ["dataFingerprint"] = _identity.DataFingerprint,
        ["epoch"] = epoch.ToString(CultureInfo.InvariantCulture),
        ["recipe"] = _identity.Recipe,
        ["tool"] = $"EfficientNetSharp {typeof(TrainingRun).Assembly.GetName().Version?.ToString(3)}",
        ["trainingImages"] = _job.Data.Train.Count.ToString(CultureInfo.InvariantCulture),
        ["validationImages"] = _job.Data.Validation.Count.ToString(CultureInfo.InvariantCulture),
        ["validationTop1"] = result.Top1.ToString("R", CultureInfo.InvariantCulture),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private TrainingProgress ProgressAt(long seen, double seconds)
    {
        double rate = seconds > 0 ? seen / seconds : 0;
        long left = ((long)(_job.Recipe.TotalEpochs - _state.Epoch) * _loader.BatchCount) - _state.Batch;
        return new TrainingProgress(
            _state.Epoch + 1,
            _job.Recipe.TotalEpochs,
            _state.Batch,
            _loader.BatchCount,
            _state.Seen == 0 ? 0 : _state.LossSum / _state.Seen,
            _state.Seen == 0 ? 0 : (double)_state.Right / _state.Seen,
            _session.LearningRateAt(Math.Max(0, _state.Step - 1)),
            rate,
            rate > 0 ? TimeSpan.FromSeconds(left * _job.Recipe.BatchSize / rate) : TimeSpan.Zero,
            _loader.WaitShare,
            null,
            false);
    }
}
