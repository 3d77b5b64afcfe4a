using System.Collections.Immutable;
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
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training;

/// <summary>A run from its beginning to its outcome; <see cref="Trainer"/> starts it.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingJob _job;
    private readonly IRunStore _store;
    private readonly TrainedCard _card;
    private readonly RunIdentity _identity;
    private readonly TrainingSession _session;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly SortedDictionary<int, BrokenImage> _broken = [];
    private ImmutableArray<BrokenImage> _unreadable = [];
    private EpochPlan _plan;
    private BatchLoader _loader;
    private RunState _state = new();

    /// <summary>Prepares all but the folder, which is left alone until the job is known to be sound.</summary>
    public TrainingRun(TrainingJob job, IProgress<TrainingProgress>? progress)
    {
        _job = job;
        _progress = progress;
        if (job is { Recipe.FixedStatistics: true, StartWeights: null })
        {
            throw new InvalidInputException(
                "Normalisations are to keep the statistics of trained weights (the recipe's fixedStatistics, --fixed-statistics), and these " +
                "weights are drawn, which have none; start from trained weights (--from), take a recipe for training from scratch, or have " +
                "them measure their batches (--fixed-statistics false).");
        }

        // What follows may take minutes.
        if (job.Folder is not null && IsFirst) new RunFolder(job.Folder).EnsureFree(job.Resume, job.TimeProvider);
        string fingerprint = job.DataFingerprint ?? DatasetFingerprint.Of(job.Data.Train);
        _card = new TrainedCard(job, fingerprint);
        _identity = RunIdentity.Of(job.Identity, job.Recipe, job.Network, _card.Plain, fingerprint, job.StartWeights);
        _store = job.Folder is { } folder && IsFirst
            ? new FolderStore(new RunFolder(folder), job.Recipe, job.Task.Summary, job.Device, job.Description, job.Resume,
                job.TimeProvider, job.OnNote)
            : new MemoryStore();
        _plan = PlanOf(epoch: 0);
        _loader = MakeLoader(_plan, Group);
        _session = new TrainingSession(job, _loader.BatchCount);
    }

    /// <summary>Does it, or what is left of it.</summary>
    public TrainingOutcome Run(CancellationToken cancellationToken)
    {
        try
        {
            Begin();
            if (_job.Start is not null && _state.History.IsEmpty) JudgeStart(cancellationToken);
            while (!IsDone)
            {
                Enter(PlanOf(_state.Epoch));
                var epoch = TrainEpoch(cancellationToken);
                EndEpoch(epoch, cancellationToken);
            }

            double score = (IsFirst ? MeasureStatistics(cancellationToken) : null) ?? _state.Best[0].Score;
            CollectBroken();
            var model = _store.LoadBest() ?? _session.Export().ModelOf(_job.Task, _job.Context, _card.Plain);
            string? path = _job.Folder is { } folder ? new RunFolder(folder).Model : null;
            return new TrainingOutcome(model, path, _state.Best[0].Epoch, score, _state.History, [.. _broken.Values], _job.Task.Summary)
            {
                BrokenValidationImages = _unreadable,
            };
        }
        catch (IOException exception) when (_job.Folder is not null)
        {
            throw new RunFolder(_job.Folder).CannotBeWritten(exception);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _store.Dispose();
        _session.Dispose();
        _loader.Dispose();
    }

    private IProcessGroup Group => _job.Group;

    // It alone writes and reports.
    private bool IsFirst => Group.Rank == 0;

    private bool IsDone => _state.Epoch >= _job.Recipe.TotalEpochs || IsOutOfPatience
        || (_job is { Start: not null, Recipe.Probe.Only: true } && !_state.History.IsEmpty);

    private bool IsOutOfPatience => _job.Recipe.Patience > 0 && _state.Best.Length > 0
        && _state.Epoch - _state.Best[0].Epoch >= _job.Recipe.Patience;

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

    private BatchLoader MakeLoader(EpochPlan plan, IProcessGroup group) =>
        new(Repeated(_job.Data.Train), new TrainingTransform(plan.Input, plan.Augmentation), new BatchLoaderOptions
    {
        BatchSize = _job.Recipe.BatchSize,
        Training = true,
        Seed = _job.Recipe.Seed,
        Workers = _job.Workers,
        BrokenImages = BrokenImages,
        Rank = group.Rank,
        RankCount = group.Size,
        Mixing = plan.Mixing.IsOn ? plan.Mixing : null,
        ImagesPerClass = Sampling.GroupSize,
        BalancedClasses = Sampling.Balanced,
    });

    private (int GroupSize, bool Balanced) Sampling => _job.Recipe.Task == TaskKind.Embedding
        ? (_job.Recipe.Embedding.GroupSize, _job.Recipe.Embedding.Balanced) : (1, false);

    // With few images an epoch is several passes over them; each sees an image otherwise, as it has another number there.
    private IImageDataset Repeated(IImageDataset all)
    {
        var images = Sampling is (1, false) ? all : ClassSampler.Filled(all, Sampling.GroupSize, Sampling.Balanced);
        int passes = _job.Recipe.PassesPerEpoch(images.Count);
        return passes == 1
            ? images
            : new SubsetDataset(images, [.. Enumerable.Range(0, checked(passes * images.Count)).Select(i => i % images.Count)]);
    }

    private void CollectBroken()
    {
        foreach (var image in _loader.BrokenImages)
        {
            int index = image.Index % _job.Data.Train.Count;
            _broken.TryAdd(index, image with { Index = index });
        }
    }

    private void Begin()
    {
        _state = _store.Begin(_identity, _session.RestoreVectors);
        _session.Spread();
        if (Group.Size > 1) _state = Checkpoints.Broadcast(_state, Group);
    }

    // Epoch 0: what training starts from may be better than whatever comes of it.
    private void JudgeStart(CancellationToken cancellationToken)
    {
        var network = _session.Export();
        var result = Validate(network, Group, cancellationToken);
        Judged(_job.Start! with { Epoch = 0, ValidationLoss = result.Loss, ValidationScore = result.Score }, result, network);
        if (IsFirst) _progress?.Report(ProgressAt(0, 0) with { Ended = _state.History[0], IsBest = true });
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
                    _store.Add(new StepRecord(
                        _state.Step, _state.Epoch + 1, result.Loss, _session.LearningRateAt(_state.Step), result.GradientNorm));
                    _state = _state with
                    {
                        Step = _state.Step + 1,
                        LossSum = _state.LossSum + (result.Loss * share.Total),
                        MeasureSum = _state.MeasureSum + result.MeasureSum,
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
        var network = _session.Export();
        var result = Validate(network, Group, cancellationToken);
        int number = _state.Epoch + 1;
        double? score = JudgesEpochs ? result.Score : null;
        var record = new EpochRecord(number, epoch.Loss, result.Loss, score, epoch.LearningRate, epoch.TrainMeasure);
        _state = _state with { Epoch = number, Batch = 0, LossSum = 0, MeasureSum = 0, Seen = 0 };
        Judged(record, result, network);
        if (IsFirst) _progress?.Report(epoch with { Ended = record, IsBest = _state.Best[0].Epoch == number });

        bool stops = BatchShare.Agree(Group, 0, cancellationToken.IsCancellationRequested).Stops;
        if (stops && !IsDone) throw new OperationCanceledException(cancellationToken);
    }

    private void Judged(EpochRecord record, ValidationResult result, TrainedNetwork network)
    {
        _store.Add(record, _state.Step);
        _state = _state with
        {
            History = _state.History.Add(record),
            Best = _job.KeepsLast
                ? [new KeptEpoch(record.Epoch, result.Score, result.Loss)]
                : BestWith(_state.Best, record.Epoch, result, _job.Recipe.KeepBest),
        };
        _store.Keep(_state.Best, record.Epoch, () => network.ModelOf(_job.Task, _job.Context, _card.Of(record.Epoch, result)));
        SaveCheckpoint();
        _store.EndEpoch(_state);
    }

    private ImmutableArray<KeptEpoch> BestWith(ImmutableArray<KeptEpoch> kept, int epoch, ValidationResult result, int count) =>
        KeptEpoch.Best(kept, new KeptEpoch(epoch, result.Score, result.Loss), _job.Task.Score, count);

    // The last of several trainings has no images left that it has not learned from.
    private bool JudgesEpochs => _job.Data.Validation.Count > 0;

    private ValidationResult Validate(TrainedNetwork network, IProcessGroup group, CancellationToken cancellationToken)
    {
        if (!JudgesEpochs) return new ValidationResult(0, 0, null);
        using var runner = network.Runner(_job.Inference);
        var options = new EvaluationOptions { BatchSize = _job.Recipe.BatchSize, Workers = _job.Workers, BrokenImages = BrokenImages };
        // Several processes stop together after it.
        var token = group.Size > 1 ? CancellationToken.None : cancellationToken;
        try
        {
            var progress = new SynchronousProgress<EvaluationProgress>(at => _progress?.Report(ProgressAt(0, 0) with { Validating = at }));
            var result = _job.Task.Validate(
                new ValidationInput(_job.Context, runner, options, group, token) { Progress = IsFirst ? progress : null });
            _unreadable = result.Unreadable;
            if (IsFirst)
            {
                foreach (string note in result.Notes) _job.OnNote?.Invoke($"warning: after epoch {_state.Epoch + 1} {note}");
            }

            return result;
        }
        catch (OperationCanceledException)
        {
            // The steps of the epoch are done; the resumed run begins with this validation.
            SaveCheckpoint();
            throw;
        }
    }

    // The best epoch's running statistics anew, where the recipe wants it; its score if the new ones are kept.
    private double? MeasureStatistics(CancellationToken cancellationToken)
    {
        if (_job.Recipe.PreciseStatisticsBatches == 0 || _store.LoadBest() is not { } model) return null;
        Enter(PlanOf(_job.Recipe.TotalEpochs - 1));
        using var alone = new SingleProcessGroup();
        using var loader = MakeLoader(_plan, alone);
        var batches = loader.Batches(_job.Recipe.TotalEpochs, 0, cancellationToken).Take(_job.Recipe.PreciseStatisticsBatches);
        var weights = PreciseStatistics.Measure(_session.Graph, model.Weights, _plan.Input, batches);
        var result = Validate(new TrainedNetwork(_session.Graph, weights), alone, cancellationToken);
        var best = _state.Best[0];
        if (JudgesEpochs && BestWith([best], _state.Epoch + 1, result, 1)[0] == best) return null;
        _store.ReplaceBest(model with { Weights = weights, Card = _card.Of(best.Epoch, result) });
        return result.Score;
    }

    private void SaveCheckpoint()
    {
        _session.JoinStatistics();
        var joined = _session.IsSplit ? _session.CaptureVectors() : null;
        _store.SaveCheckpoint(_state, _identity, () => joined ?? _session.CaptureVectors());
    }

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
            _job.Task.TrainMeasure is null ? null : _state.Seen == 0 ? 0 : _state.MeasureSum / _state.Seen,
            _session.LearningRateAt(Math.Max(0, _state.Step - 1)),
            rate,
            rate > 0 ? TimeSpan.FromSeconds(left * _job.Recipe.BatchSize / rate) : TimeSpan.Zero,
            _loader.WaitShare,
            null,
            false,
            _job.Task.Summary);
    }
}
