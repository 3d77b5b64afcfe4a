using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Probing;

/// <summary>
/// Fine-tuning after a probe where no images are there to validate with: each fold of them is held out of one training, so that all images
/// judge; of many images one fold is enough. What they choose is then done with all images, and none is lost. It is the probe, or how far the
/// model goes from the probe to the weights that fine-tuning ends with (Wortsman et al. 2022, “Robust fine-tuning of zero-shot models”):
/// with few images the way is better not gone to its end.
/// </summary>
/// <param name="job">The job.</param>
/// <param name="graph">Its network.</param>
/// <param name="split">The images in folds.</param>
/// <param name="card">The card of models that have learned from all.</param>
/// <param name="folder">The run's folder; <see langword="null"/> for none.</param>
/// <param name="progress">Told of each fold's training.</param>
internal sealed class FoldedRun(
    TrainingJob job, Graph graph, FoldedSplit split, TrainedCard card, RunFolder? folder, IProgress<TrainingProgress>? progress)
{
    // Held-out images that an epoch is judged by: enough for its curve, which chooses nothing.
    private const int MaxWatched = 500;

    // Each is judged by all held-out images, so they are few; half of the way is what Wortsman et al. recommend unseen.
    private static readonly ImmutableArray<double> Shares = [1, 0.5];

    private readonly ImmutableArray<string> _classes = job.Task.ClassesOf(job.Data);
    private readonly int _folds = Math.Min(split.Folds, job.Recipe.Probe!.HeldOutFolds(split.Images.Count));
    private readonly SortedDictionary<int, BrokenImage> _broken = [];

    /// <summary>Trains the folds, or what is left of them, and keeps what is better.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="save">Keeps what has come of the folds.</param>
    /// <param name="inference">What runs networks to judge them.</param>
    /// <param name="reading">Batch size, threads, and what is done about broken images.</param>
    /// <param name="cancellationToken">Stops it; a resumed run goes on in the fold that was under way.</param>
    public TrainingOutcome Run(
        ProbeState probe, Action<ProbeState> save, IBackend inference, EvaluationOptions reading, CancellationToken cancellationToken)
    {
        foreach (var image in probe.BrokenImages) _broken.TryAdd(image.Index, image);
        var start = probe.Head.PutInto(graph, job.StartWeights!);
        bool isDone = IsDone(probe);
        var verdict = isDone && probe.Result is { } before ? VerdictOf(probe, before) : null;
        Model model;
        if (isDone)
        {
            // Processes other than the first have no result of before and nothing to keep.
            verdict ??= VerdictOf(probe, new FoldedResult(LogitTable.Empty, 1, [probe.Fitted]));
            model = folder is null ? ModelOf(verdict, start) : ModelFile.Load(folder.Model);
        }
        else
        {
            var result = job.Recipe.Probe!.Only
                ? new FoldedResult(LogitTable.Empty, 1, [probe.Fitted]) : TrainFolds(probe, inference, reading, cancellationToken);
            verdict = VerdictOf(probe, result);
            model = ModelOf(verdict, verdict.KeepsProbe ? start : WeightLine.Between(start, TrainAll(start, cancellationToken), result.Share));
            if (folder is not null)
            {
                ModelFile.Save(model, folder.Model);
                folder.WriteHistory(verdict.History, job.Task.Summary);
            }

            save(probe with { Result = result });
        }

        // What came of the folds is in the model and in the probe's file, and each fold's checkpoint is five times as large as a model.
        if (folder is not null) folder.RemoveFolds();
        return new TrainingOutcome(
            model, folder?.Model, Epoch(verdict), verdict.Kept.Top1, verdict.History, [.. _broken.Values], job.Task.Summary)
        {
            Probe = new ProbeOutcome
            {
                Images = split.Images.Count,
                Folds = verdict.FineTuned is null ? split.Folds : _folds,
                Penalty = probe.Penalty,
                ProbeScore = verdict.Probe.Top1,
                FineTunedScore = verdict.FineTuned?.Top1,
                FineTunedShare = verdict.Share,
                Judged = verdict.Kept.Count,
                KeepsProbe = verdict.KeepsProbe,
                HeldOut = verdict.Kept,
                HeldOutImages = split.Images,
            },
        };
    }

    // Resumed processes other than the first do not know of themselves that all is done.
    private bool IsDone(ProbeState probe)
    {
        double[] done = [probe.Result is null ? 0 : 1];
        job.Group.AllReduceSum(done.AsSpan());
        return done[0] > 0;
    }

    private FoldedResult TrainFolds(ProbeState probe, IBackend inference, EvaluationOptions reading, CancellationToken cancellationToken)
    {
        var outcomes = new List<TrainingOutcome>();
        // Where the probe learned from some images only, all else is judged by the same.
        var judging = probe.HeldOut.Images.ToHashSet();
        var heldOut = Shares.Select(_ => new List<LogitTable>()).ToArray();
        for (int fold = 0; fold < _folds; fold++)
        {
            SubsetDataset learned = split.LearnedFrom(fold), judges = split.HeldOut(fold, judging);
            var start = probe.FoldHeads[fold].PutInto(graph, job.StartWeights!);
            var outcome = Train(fold, learned, Some(judges), start, cancellationToken);
            outcomes.Add(outcome);
            for (int i = 0; i < Shares.Length; i++)
            {
                var weights = WeightLine.Between(start, outcome.Model.Weights, Shares[i]);
                heldOut[i].Add(Judge(outcome.Model with { Weights = weights }, judges, inference, reading, cancellationToken));
            }
        }

        var joined = heldOut.Select(LogitTable.Join).ToArray();
        // The whole way is gone unless less is clearly better: with all images fine-tuning is better than the folds can show.
        int best = Enumerable.Range(1, Shares.Length - 1).Aggregate(0, (best, i) => joined[i].IsClearlyBetter(joined[best]) ? i : best);
        var epochs = Enumerable.Range(0, outcomes.Min(outcome => outcome.History.Length))
            .Select(epoch => Mean([.. outcomes.Select(outcome => outcome.History[epoch])]));
        return new FoldedResult(joined[best], Shares[best], [probe.Fitted, .. epochs]);
    }

    private WeightSet TrainAll(WeightSet start, CancellationToken cancellationToken)
    {
        var all = new SubsetDataset(split.Images, [.. Enumerable.Range(0, split.Images.Count)]);
        return Train(_folds, all, new SubsetDataset(split.Images, []), start, cancellationToken).Model.Weights;
    }

    // The training that comes after so many others.
    private TrainingOutcome Train(int number, SubsetDataset learned, SubsetDataset judges, WeightSet start, CancellationToken cancellationToken)
    {
        var own = job with
        {
            Data = job.Data with { Train = learned, Validation = judges, Test = null, Undivided = null },
            DataFingerprint = null,
            Description = null,
            StartWeights = start,
            Folder = job.Folder is { } path ? new RunFolder(path).Fold(number).Path : null,
            Resume = job.Folder is not null,
            KeepsLast = true,
        };
        using var run = new TrainingRun(own, ProgressOf(number));
        var outcome = run.Run(cancellationToken);
        foreach (var image in outcome.BrokenImages)
        {
            int index = learned.Indices[image.Index];
            _broken.TryAdd(index, image with { Index = index });
        }

        return outcome;
    }

    private LogitTable Judge(
        Model model, SubsetDataset images, IBackend inference, EvaluationOptions reading, CancellationToken cancellationToken)
    {
        using var network = inference.Create(model.Graph, model.Weights, new RunnerOptions());
        var table = FeatureReader.Read(
            network, new ViewsTransform(job.Preprocessing, mirrors: false), images, reading, null, cancellationToken);
        return new LogitTable([.. table.Images.Select(image => images.Indices[image])], [.. table.Labels], table.Rows);
    }

    // Evenly over all, as a folder's images come class by class.
    private static SubsetDataset Some(SubsetDataset images)
    {
        int count = Math.Min(MaxWatched, images.Count);
        return new SubsetDataset(images, [.. Enumerable.Range(0, count).Select(i => (int)((long)i * images.Count / count))]);
    }

    private Verdict VerdictOf(ProbeState probe, FoldedResult result)
    {
        // On the images that the fine-tuned networks are judged by, which are a fold's of many.
        var held = result.HeldOut.Images.IsEmpty ? probe.HeldOut : probe.HeldOut.Of(result.HeldOut.Images.ToHashSet());
        var judged = held.Measure(_classes);
        var history = result.History.SetItem(0, probe.Fitted with { ValidationScore = judged.Top1, ValidationLoss = judged.Loss });
        return new Verdict(judged, result.HeldOut.Images.IsEmpty ? null : result.HeldOut.Measure(_classes), result.Share, history);
    }

    private Model ModelOf(Verdict verdict, WeightSet weights) => job.Task.ModelOf(
        job.Context,
        card.Of(Epoch(verdict), new ValidationResult(verdict.Kept.Count, verdict.Kept.Top1, verdict.Kept.Loss),
            verdict.FineTuned is null ? split.Folds : _folds),
        weights);

    private int Epoch(Verdict verdict) => verdict.KeepsProbe ? 0 : job.Recipe.TotalEpochs;

    private SynchronousProgress<TrainingProgress> ProgressOf(int number) => new(at =>
    {
        // The folds to come take as long as this one as a whole, and the training on all images that a fold's are held out of takes longer.
        double all = (double)split.Folds / (split.Folds - 1);
        double images = number == _folds ? 0 : (_folds - number - 1 + all) * at.Epochs * at.Batches * job.Recipe.BatchSize;
        progress?.Report(at with
        {
            Fold = number + 1,
            Folds = _folds,
            Remaining = at.Remaining + (at.ImagesPerSecond > 0 ? TimeSpan.FromSeconds(images / at.ImagesPerSecond) : TimeSpan.Zero),
        });
    });

    private static EpochRecord Mean(ImmutableArray<EpochRecord> folds) => new(
        folds[0].Epoch, folds.Average(fold => fold.TrainLoss), folds.Average(fold => fold.ValidationLoss),
        folds.Average(fold => fold.ValidationScore), folds[0].LearningRate, folds.Average(fold => fold.TrainMeasure));

    /// <summary>Both on the same held-out images.</summary>
    private sealed record Verdict(
        ClassificationResult Probe, ClassificationResult? FineTuned, double Share, ImmutableArray<EpochRecord> History)
    {
        // Of equal shares of right answers the lower loss is better; where all is equal, what is simpler.
        public bool KeepsProbe => FineTuned is null
            || (Probe.Top1 != FineTuned.Top1 ? Probe.Top1 > FineTuned.Top1 : !(FineTuned.Loss < Probe.Loss));

        public ClassificationResult Kept => KeepsProbe ? Probe : FineTuned!;
    }
}
