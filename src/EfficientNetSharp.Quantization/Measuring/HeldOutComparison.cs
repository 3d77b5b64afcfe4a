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

    /// <summary>Thresholds by the images' identities; <see langword="null"/> where they have none, or no pairs of one.</summary>
    public ThresholdDrift? Thresholds { get; init; }

    /// <summary>What is lost by a search's measure; <see langword="null"/> without one, or where these images do not tell it.</summary>
    public MeasuredDrop? Drop { get; init; }

    /// <summary>Runs both networks over a dataset.</summary>
    /// <param name="floats">The float network.</param>
    /// <param name="integers">The quantized network.</param>
    /// <param name="transform">The preprocessing of both.</param>
    /// <param name="images">The images.</param>
    /// <param name="labels">What their labels are.</param>
    /// <param name="measure">A search's measure, to tell what is lost by it; <see langword="null"/> for none.</param>
    /// <param name="workers">Threads that decode; <see langword="null"/> for one per processor.</param>
    /// <param name="progress">Told of images done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidInputException">No image can be read, or an output is not finite.</exception>
    public static HeldOutComparison Run(
        IModelRunner floats, IModelRunner integers, IImageTransform transform, IImageDataset images, LabelKind labels,
        DropMeasure? measure = null, int? workers = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(floats);
        ArgumentNullException.ThrowIfNull(integers);
        ArgumentNullException.ThrowIfNull(images);
        using var loader = new BatchLoader(images, transform, new BatchLoaderOptions
        {
            BatchSize = 1, Training = false, Workers = workers, BrokenImages = BrokenImagePolicy.Skip,
        });
        var comparison = new OutputComparison();
        var meters = labels == LabelKind.Classes ? new[] { new ClassificationMeter(images.Classes), new ClassificationMeter(images.Classes) } : null;
        var (expected, actual, known) = (new List<float[]>(), new List<float[]>(), ImmutableArray.CreateBuilder<int>());
        bool isKept = labels == LabelKind.Identities || measure is not null;
        float[] first = new float[floats.OutputShape.Count], second = new float[first.Length];
        int done = 0;
        foreach (var batch in loader.Batches(cancellationToken: cancellationToken))
        {
            using (batch)
            {
                floats.Run(batch.Images.Span, 1, first);
                integers.Run(batch.Images.Span, 1, second);
                comparison.Add(first, second);
                meters?[0].Add(first, batch.Labels, batch.Indices);
                meters?[1].Add(second, batch.Labels, batch.Indices);
                if (isKept)
                {
                    expected.Add([.. first]);
                    actual.Add([.. second]);
                    known.Add(batch.Labels[0]);
                }

                progress?.Report(new EvaluationProgress(++done, images.Count));
            }
        }

        var given = labels == LabelKind.None ? [] : known.ToImmutable();
        return new HeldOutComparison
        {
            Agreement = comparison.Result(), Floats = meters?[0].ToResult(null, loader.BrokenImages.Count),
            Integers = meters?[1].ToResult(null, loader.BrokenImages.Count),
            Thresholds = labels == LabelKind.Identities ? ThresholdDrift.Of(expected, actual, given) : null,
            Drop = measure?.IsMeasurableOn(given.AsSpan()) == true ? MeasuredDrop.Of(measure, expected, actual, given) : null,
        };
    }
}

/// <summary>What the labels of images are.</summary>
public enum LabelKind
{
    /// <summary>Nothing that a network's outputs could be judged by.</summary>
    None,

    /// <summary>The network's classes.</summary>
    Classes,

    /// <summary>Identities, for embeddings.</summary>
    Identities,
}
