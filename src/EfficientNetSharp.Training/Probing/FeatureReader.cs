using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Training.Probing;

/// <summary>Runs a network over images and keeps what it says.</summary>
internal static class FeatureReader
{
    /// <summary>Reads the rows of some images.</summary>
    /// <param name="network">The network; its output is a row.</param>
    /// <param name="views">What it sees of an image.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">Images that the network sees at once, threads, and what is done about broken images.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidInputException">
    /// No image is readable, or one is broken and may not be left out, or the network gives no finite row.
    /// </exception>
    public static FeatureTable Read(
        IModelRunner network, ViewsTransform views, IImageDataset images, EvaluationOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        int batchSize = Math.Max(1, options.BatchSize / views.Views);
        using var loader = new BatchLoader(images, views, new BatchLoaderOptions
        {
            BatchSize = batchSize, Training = false, Workers = options.Workers, BrokenImages = options.BrokenImages,
        });
        int rowLength = checked((int)network.OutputShape.Count), imageLength = views.Views * rowLength, count = 0;
        float[] rows = new float[(long)images.Count * imageLength];
        int[] labels = new int[images.Count], numbers = new int[images.Count];
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                var added = rows.AsSpan(count * imageLength, batch.Count * imageLength);
                network.Run(batch.Images.Span, batch.Count * views.Views, added);
                batch.Labels.CopyTo(labels.AsSpan(count));
                batch.Indices.CopyTo(numbers.AsSpan(count));
                int broken = added.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
                if (broken >= 0)
                {
                    throw new InvalidInputException(
                        $"The network's features of '{images.NameOf(numbers[count + (broken / imageLength)])}' are not finite; " +
                        "check the weights that training starts from.");
                }

                count += batch.Count;
                progress?.Report(new EvaluationProgress(count, images.Count));
            }
        }

        return new FeatureTable(
            rows[..(count * imageLength)], views.Views, labels[..count], numbers[..count], [.. loader.BrokenImages]);
    }
}
