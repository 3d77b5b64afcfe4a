using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>The float network and the quantized one on the same images.</summary>
public sealed record HeldOutComparison
{
    /// <summary>How near the outputs are.</summary>
    public required OutputAgreement Agreement { get; init; }

    /// <summary>The float network by the images' labels; <see langword="null"/> where they have none of the model's classes.</summary>
    public ClassificationResult? Floats { get; init; }

    /// <summary>The quantized network by the images' labels.</summary>
    public ClassificationResult? Integers { get; init; }

    /// <summary>Runs both networks over a dataset.</summary>
    /// <param name="floats">The float network.</param>
    /// <param name="integers">The quantized network.</param>
    /// <param name="transform">The preprocessing of both.</param>
    /// <param name="images">The images.</param>
    /// <param name="hasLabels">Whether their labels are the networks' outputs.</param>
    /// <param name="workers">Threads that decode; <see langword="null"/> for one per processor.</param>
    /// <param name="progress">Told of images done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidInputException">No image can be read, or an output is not finite.</exception>
    public static HeldOutComparison Run(
        IModelRunner floats, IModelRunner integers, IImageTransform transform, IImageDataset images, bool hasLabels, int? workers = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(floats);
        ArgumentNullException.ThrowIfNull(integers);
        ArgumentNullException.ThrowIfNull(images);
        using var loader = new BatchLoader(images, transform, new BatchLoaderOptions
        {
            BatchSize = 1, Training = false, Workers = workers, BrokenImages = BrokenImagePolicy.Skip,
        });
        var comparison = new OutputComparison();
        var meters = hasLabels ? new[] { new ClassificationMeter(images.Classes), new ClassificationMeter(images.Classes) } : null;
        float[] expected = new float[floats.OutputShape.Count], actual = new float[expected.Length];
        int done = 0;
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                floats.Run(batch.Images.Span, 1, expected);
                integers.Run(batch.Images.Span, 1, actual);
                comparison.Add(expected, actual);
                meters?[0].Add(expected, batch.Labels, batch.Indices);
                meters?[1].Add(actual, batch.Labels, batch.Indices);
                progress?.Report(new EvaluationProgress(++done, images.Count));
            }
        }

        return new HeldOutComparison
        {
            Agreement = comparison.Result(), Floats = meters?[0].ToResult(null, loader.BrokenImages.Count),
            Integers = meters?[1].ToResult(null, loader.BrokenImages.Count),
        };
    }
}
