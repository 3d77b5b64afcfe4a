using System.Diagnostics;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Evaluation;

/// <summary>How <see cref="DatasetEvaluator"/> reads and measures.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Images per batch; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that decode. Default <see langword="null"/>: one per processor.</summary>
    public int? Workers { get; init; }

    /// <summary>What to do about images that cannot be read. Default <see cref="BrokenImagePolicy.Skip"/>: skipped and counted.</summary>
    public BrokenImagePolicy BrokenImages { get; init; } = BrokenImagePolicy.Skip;
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Images classified.</param>
/// <param name="Total">Images in the dataset.</param>
public sealed record EvaluationProgress(int Done, int Total);

/// <summary>Runs a network over a dataset and measures it.</summary>
public static class DatasetEvaluator
{
    /// <summary>Evaluates every image once.</summary>
    /// <param name="runner">The network.</param>
    /// <param name="transform">The model's preprocessing, without randomness.</param>
    /// <param name="dataset">The images; its classes are the network's.</param>
    /// <param name="options">Batch size and threads.</param>
    /// <param name="progress">Called after each batch.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <exception cref="InvalidInputException">
    /// The network has another number of outputs than the dataset has classes, or no image is readable.
    /// </exception>
    public static ClassificationResult Run(
        IModelRunner runner,
        IImageTransform transform,
        IImageDataset dataset,
        EvaluationOptions options,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        int classes = dataset.Classes.Length;
        if (runner.OutputShape.Count != classes)
        {
            throw new InvalidInputException(
                $"The network has {NumberText.Counted(runner.OutputShape.Count, "output")}, " +
                $"the data {NumberText.Counted(classes, "class", "classes")}; evaluate on data with the model's classes.");
        }

        var meter = new ClassificationMeter(dataset.Classes);
        using var loader = new BatchLoader(dataset, transform, new BatchLoaderOptions
        {
            BatchSize = options.BatchSize, Training = false, Workers = options.Workers, BrokenImages = options.BrokenImages,
        });
        var logits = new float[Math.Min(options.BatchSize, dataset.Count) * classes];
        var watch = Stopwatch.StartNew();
        int done = 0;
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                var rows = logits.AsSpan(0, batch.Count * classes);
                runner.Run(batch.Images.Span, batch.Count, rows);
                meter.Add(rows, batch.Labels, batch.Indices);
                done += batch.Count;
                progress?.Report(new EvaluationProgress(done, dataset.Count));
            }
        }

        return meter.ToResult(done / Math.Max(watch.Elapsed.TotalSeconds, 1e-9), loader.BrokenImages.Count) with
        {
            Unreadable = [.. loader.BrokenImages.OrderBy(image => image.Index)],
        };
    }
}
