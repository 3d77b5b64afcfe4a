using System.Collections.Immutable;
using System.Diagnostics;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Evaluation;

/// <summary>The embeddings of a dataset's images.</summary>
public sealed record DatasetEmbeddings
{
    /// <summary>A row per image that could be read, as the network gives it.</summary>
    public required EmbeddingRows Rows { get; init; }

    /// <summary>The rows of the mirror images; <see langword="null"/> where they were not asked for.</summary>
    public EmbeddingRows? Flipped { get; init; }

    /// <summary>For each row the image's number in the dataset, rising.</summary>
    public required ImmutableArray<int> Indices { get; init; }

    /// <summary>Images that could not be read.</summary>
    public ImmutableArray<BrokenImage> Unreadable { get; init; } = [];

    /// <summary>Images embedded in a second, reading included; those with their mirror image count once.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>The rows that images are compared by: with those of the mirror images added where there are any.</summary>
    public EmbeddingRows Combined => Flipped is null ? Rows : EmbeddingRows.Sum(Rows, Flipped);
}

/// <summary>Runs a network over a dataset and keeps what it yields for each image.</summary>
public static class DatasetEmbedder
{
    /// <summary>Embeds every image once, in batches while the next ones are decoded.</summary>
    /// <param name="runner">The network, whose result is the embedding.</param>
    /// <param name="transform">The model's preprocessing, without randomness.</param>
    /// <param name="dataset">The images.</param>
    /// <param name="options">Batch size and threads.</param>
    /// <param name="flip">Whether mirror images are embedded as well, mirrored behind the preprocessing as insightface does.</param>
    /// <param name="progress">Called after each batch.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="InvalidInputException">No image is readable, or the network gives no finite outputs for one.</exception>
    public static DatasetEmbeddings Run(
        IModelRunner runner, IImageTransform transform, IImageDataset dataset, EvaluationOptions options, bool flip = false,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        int length = checked((int)runner.OutputShape.Count), width = runner.InputShape.Width;
        using var loader = new BatchLoader(dataset, transform, new BatchLoaderOptions
        {
            BatchSize = options.BatchSize, Training = false, Workers = options.Workers, BrokenImages = options.BrokenImages,
        });
        float[] rows = new float[checked(dataset.Count * length)], flipped = flip ? new float[rows.Length] : [];
        var indices = ImmutableArray.CreateBuilder<int>(dataset.Count);
        var watch = Stopwatch.StartNew();
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                Embed(rows, batch);
                if (flip)
                {
                    var images = batch.Images.Span;
                    for (int at = 0; at < images.Length; at += width) images.Slice(at, width).Reverse();
                    Embed(flipped, batch);
                }

                indices.AddRange(batch.Indices);
                progress?.Report(new EvaluationProgress(indices.Count, dataset.Count));
            }
        }

        int count = indices.Count;
        if (count == 0) throw new InvalidInputException("Expected images that can be read, found none; check the images.");
        return new DatasetEmbeddings
        {
            Rows = new EmbeddingRows(rows.AsMemory(0, count * length), length),
            Flipped = flip ? new EmbeddingRows(flipped.AsMemory(0, count * length), length) : null,
            Indices = indices.ToImmutable(),
            Unreadable = [.. loader.BrokenImages.OrderBy(image => image.Index)],
            ImagesPerSecond = count / Math.Max(watch.Elapsed.TotalSeconds, 1e-9),
        };

        void Embed(float[] target, Batch batch)
        {
            var values = target.AsSpan(indices.Count * length, batch.Count * length);
            runner.Run(batch.Images.Span, batch.Count, values);
            for (int i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i])) continue;
                throw new InvalidInputException(
                    $"Expected finite outputs of the network for '{dataset.NameOf(batch.Indices[i / length])}', found NaN or infinity; " +
                    "check its weights, for example with another backend.");
            }
        }
    }
}
