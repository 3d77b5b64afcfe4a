using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Probing;

/// <summary>
/// A training from trained weights that begins with a probe. Where the data bring a part to validate with, the probe is the epoch before
/// the first of an ordinary run, which keeps the best. Else the images are dealt to folds: <see cref="FoldedRun"/>.
/// </summary>
internal sealed class ProbedRun
{
    private readonly TrainingJob _job;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly FoldedSplit? _split;
    private readonly IImageDataset _images;
    private readonly Graph _graph;
    private readonly RunFolder? _folder;
    private readonly string _fingerprint;

    /// <summary>Prepares it; nothing is read yet.</summary>
    public ProbedRun(TrainingJob job, IProgress<TrainingProgress>? progress)
    {
        (_job, _progress, _graph) = (job, progress, job.BuildGraph());
        var options = job.Recipe.Probe!;
        bool isFolded = job.IsFolded;
        _images = isFolded ? job.Data.Undivided! : job.Data.Train;
        _split = isFolded ? FoldedSplit.Of(_images, options.Folds, job.Recipe.Seed) : null;
        _fingerprint = isFolded ? DatasetFingerprint.Of(_images) : job.DataFingerprint ?? DatasetFingerprint.Of(_images);
        // The first of several processes alone writes.
        _folder = job.Folder is { } folder && job.Group.Rank == 0 ? new RunFolder(folder) : null;
        _folder?.EnsureFree(job.Resume, job.TimeProvider);
    }

    /// <summary>Does it, or what is left of it.</summary>
    /// <exception cref="InvalidInputException">As <see cref="Trainer.Run"/>.</exception>
    public TrainingOutcome Run(CancellationToken cancellationToken)
    {
        try
        {
            ProbeState state;
            using (var held = Locked())
            {
                state = Restored() ?? Fitted(cancellationToken);
                if (_split is not null)
                    return new FoldedRun(_job, _graph, _split, CardOfAll, _folder, _progress)
                        .Run(state, Save, Inference, Reading, cancellationToken);
            }

            // An ordinary run takes the folder itself.
            return Unfolded(state, cancellationToken);
        }
        catch (IOException exception) when (_folder is not null)
        {
            throw _folder.CannotBeWritten(exception);
        }
    }

    private IBackend Inference => _job.Inference ?? new TorchBackend();

    private EvaluationOptions Reading => new()
    {
        BatchSize = _job.Recipe.BatchSize,
        Workers = _job.Workers,
        BrokenImages = _job.Strict ? BrokenImagePolicy.Fail : BrokenImagePolicy.Skip,
    };

    // A model of it has learned from all the images, and none is left to judge.
    private TrainedCard CardOfAll => new(
        _job with { Data = _job.Data with { Train = _images, Validation = new SubsetDataset(_images, []) } }, _fingerprint);

    private RunIdentity Identity => RunIdentity.Of(
        _job.Task.Identity, _job.Recipe, _job.Network, CardOfAll.Plain, _fingerprint, _job.StartWeights);

    private RunLock? Locked()
    {
        if (_folder is null) return null;
        _folder.Create();
        return RunLock.Take(_folder.Path, _job.TimeProvider, _job.OnNote);
    }

    private ProbeState? Restored()
    {
        if (_folder is null) return null;
        if (!File.Exists(_folder.ProbeState))
        {
            // A run that began otherwise is another.
            if (File.Exists(_folder.Checkpoint))
                FolderStore.CheckSame(_folder, _job.Resume, Identity, () => Checkpoints.ReadIdentity(_folder.Checkpoint));
            return null;
        }

        var (state, identity) = _job.Resume ? ProbeFile.Load(_folder.ProbeState) : default;
        FolderStore.CheckSame(_folder, _job.Resume, Identity, () => identity);
        _folder.RemoveUnfinished();
        return state;
    }

    private ProbeState Fitted(CancellationToken cancellationToken)
    {
        var reading = new SynchronousProgress<EvaluationProgress>(at => _progress?.Report(TrainingProgress.Of(_job) with { Reading = at }));
        var state = new ProbeFitter(_job, _graph, _images, _split).Fit(Inference, Reading, reading, cancellationToken);
        if (_job.Group.Rank == 0)
        {
            _progress?.Report(TrainingProgress.Of(_job) with
            {
                Probe = new ProbeOutcome
                {
                    Images = _images.Count, Folds = state.PenaltyFolds, Penalty = state.Penalty,
                    ProbeScore = state.Fitted.ValidationScore ?? 0, Judged = _images.Count, KeepsProbe = true,
                },
            });
        }

        if (_folder is null) return state;
        _folder.WriteFacts(_job.Recipe, _job.Device, _job.Description);
        var judged = new ValidationResult(_images.Count, state.Fitted.ValidationScore ?? 0, state.Fitted.ValidationLoss);
        var card = CardOfAll.Of(0, judged, state.PenaltyFolds);
        ModelFile.Save(_job.Task.ModelOf(_job.Context, card, state.Head.PutInto(_graph, _job.StartWeights!)), _folder.Probe);
        Save(state);
        return state;
    }

    private void Save(ProbeState state)
    {
        if (_folder is not null) ProbeFile.Save(_folder.ProbeState, state, Identity);
    }

    private TrainingOutcome Unfolded(ProbeState state, CancellationToken cancellationToken)
    {
        using var run = new TrainingRun(
            _job with
            {
                StartWeights = state.Head.PutInto(_graph, _job.StartWeights!),
                Start = state.Fitted,
                // The probe is there, and whether the run may go on has been settled.
                Resume = _job.Folder is not null,
            },
            _progress);
        var outcome = run.Run(cancellationToken);
        var tuned = EpochOrder.Best(outcome.History.Where(epoch => epoch.Epoch > 0), _job.Task.Score);
        return outcome with
        {
            Probe = new ProbeOutcome
            {
                Images = _images.Count,
                Folds = 0,
                Penalty = state.Penalty,
                ProbeScore = outcome.History[0].ValidationScore ?? 0,
                FineTunedScore = tuned?.ValidationScore,
                Judged = _job.Data.Validation.Count,
                KeepsProbe = outcome.BestEpoch == 0,
            },
        };
    }
}
