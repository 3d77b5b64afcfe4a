using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Training.Probing;

/// <summary>Reads a network's features of a job's images and fits heads to them.</summary>
/// <param name="job">The job; its starting weights are the network's.</param>
/// <param name="graph">The network.</param>
/// <param name="images">The images to learn from.</param>
/// <param name="split">Their folds, where each is to have a head of its own; <see langword="null"/> for none.</param>
internal sealed class ProbeFitter(TrainingJob job, Graph graph, IImageDataset images, FoldedSplit? split)
{
    // As scikit-learn's cross-validation has it; folds are cheap where only a head is fitted.
    private const int PenaltyFolds = 5;

    // With more rows one fold tells as much as five do.
    private const int MaxFoldedRows = 5000;

    // A head learns little more from more, and its rows are held in memory.
    private const int MaxImages = 10_000;

    private readonly ImmutableArray<string> _classes = job.Task.ClassesOf(job.Data);

    /// <summary>Fits.</summary>
    /// <param name="inference">What runs the network.</param>
    /// <param name="reading">Batch size, threads, and what is done about broken images.</param>
    /// <param name="progress">Told how many images are read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public ProbeState Fit(
        IBackend inference, EvaluationOptions reading, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var table = Read(inference, reading, progress, cancellationToken);
        using var search = new ProbeSearch(table, _classes.Length);
        int[] dealt = FoldsOf(table, FoldedSplit.Of(images, PenaltyFolds, job.Recipe.Seed));
        int penaltyFolds = table.Count > MaxFoldedRows ? 1 : dealt.Max() + 1;
        var chosen = search.Choose(dealt, penaltyFolds, cancellationToken);
        var head = search.Fit(chosen.Penalty);
        var fitted = LogitTable.Of(table, [.. Enumerable.Range(0, table.Count)], _ => head).Measure(_classes);
        var state = new ProbeState
        {
            Penalty = chosen.Penalty,
            PenaltyFolds = penaltyFolds,
            Head = head,
            Fitted = new EpochRecord(0, fitted.Loss ?? double.NaN, chosen.Loss, chosen.Top1, 0, fitted.Top1),
            BrokenImages = table.BrokenImages,
        };
        if (split is null) return state;

        int[] foldOf = FoldsOf(table, split);
        var heads = Enumerable.Range(0, split.Folds).Select(fold => search.Fit(foldOf, fold, chosen.Penalty)).ToImmutableArray();
        int[] heldOut = [.. Enumerable.Range(0, table.Count).Where(row => foldOf[row] >= 0)];
        return state with { FoldHeads = heads, HeldOut = LogitTable.Of(table, heldOut, row => heads[foldOf[row]]) };
    }

    private FeatureTable Read(
        IBackend inference, EvaluationOptions reading, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var pooled = graph.Pooled();
        using var network = inference.Create(pooled, job.StartWeights!.For(pooled), new RunnerOptions());
        var views = new ViewsTransform(job.Preprocessing, job.Recipe.Augmentation.FlipProbability > 0);
        var some = Some();
        var table = FeatureReader.Read(network, views, some, reading, progress, cancellationToken);
        return table with
        {
            Images = [.. table.Images.Select(image => some.Indices[image])],
            BrokenImages = [.. table.BrokenImages.Select(image => image with { Index = some.Indices[image.Index] })],
        };
    }

    private SubsetDataset Some()
    {
        int parts = (images.Count + MaxImages - 1) / MaxImages;
        var partOf = parts < 2 ? [.. new int[images.Count]] : StratifiedFolds.Of(images, parts, job.Recipe.Seed);
        return new SubsetDataset(images, [.. Enumerable.Range(0, images.Count).Where(image => partOf[image] <= 0)]);
    }

    private static int[] FoldsOf(FeatureTable table, FoldedSplit dealt) => [.. table.Images.Select(image => dealt.FoldOf[image])];
}
