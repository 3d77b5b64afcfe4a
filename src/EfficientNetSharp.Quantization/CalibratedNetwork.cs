using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization;

/// <summary>
/// A folded network with what is known of its numbers from some images, and other images to judge choices by: what plans are made from.
/// </summary>
public sealed class CalibratedNetwork : IDisposable
{
    private readonly NetworkStatistics _statistics;
    private readonly Lazy<float[][]> _outputs;

    private CalibratedNetwork(
        NetworkStatistics statistics, IReadOnlyList<float[]> images, IReadOnlyList<float[]> judges, ImmutableArray<int> labels, PlanOptions? options)
    {
        (_statistics, Images, JudgingImages, JudgingLabels, Options) = (statistics, images, judges, labels, options);
        _outputs = new Lazy<float[][]>(() => Run(Graph, Weights, JudgingImages));
    }

    /// <summary>The folded network.</summary>
    public Graph Graph => _statistics.Graph;

    /// <summary>Its weights as floats.</summary>
    public WeightSet Weights => _statistics.Weights;

    /// <summary>What is known of each node's value, by the node's name.</summary>
    public IReadOnlyDictionary<string, ValueStatistics> Values => _statistics.Values;

    /// <summary>The images that it was calibrated with, [C,H,W], normalised.</summary>
    public IReadOnlyList<float[]> Images { get; }

    /// <summary>Other images, which choices are judged by.</summary>
    public IReadOnlyList<float[]> JudgingImages { get; }

    /// <summary>
    /// A label for each of <see cref="JudgingImages"/>: its class among the outputs, or its identity; empty where none is known.
    /// </summary>
    public ImmutableArray<int> JudgingLabels { get; }

    /// <summary>How the engine runs it; <see langword="null"/> for the usual.</summary>
    public PlanOptions? Options { get; }

    /// <summary>Runs a network on images and notes its numbers.</summary>
    /// <param name="graph">The network; normalisations are folded.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="images">Images to calibrate with, [C,H,W], normalised; at least one.</param>
    /// <param name="judges">Other images to judge choices by; where there are none, those to calibrate with.</param>
    /// <param name="options">How the engine runs it; <see langword="null"/> for the usual.</param>
    /// <param name="progress">Told of the share that is done.</param>
    /// <param name="labels">
    /// A label for each image to judge by: its class among the outputs, or its identity; empty where none is known.
    /// </param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidInputException">
    /// There is no image, the network is quantized already, the engine cannot run it, or its numbers are not finite.
    /// </exception>
    public static CalibratedNetwork Of(
        Graph graph, WeightSet weights, IReadOnlyList<float[]> images, IReadOnlyList<float[]>? judges = null, PlanOptions? options = null,
        IProgress<QuantizationProgress>? progress = null, ImmutableArray<int> labels = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (labels is { IsDefaultOrEmpty: false, Length: var count } && count != judges?.Count)
            throw new ArgumentException($"A label is expected for each of {judges?.Count ?? 0} images to judge by, not {count}.", nameof(labels));
        if (images.Count == 0) throw new InvalidInputException("Calibration needs images, found none; give some of those that the network will see.");
        var statistics = new NetworkStatistics(graph, weights, options);
        try
        {
            for (int i = 0; i < images.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                statistics.Add(images[i]);
                progress?.Report(new QuantizationProgress("calibrating", (i + 1.0) / images.Count));
            }

            EnsureFinite(statistics);
            return new CalibratedNetwork(
                statistics, images, judges is { Count: > 0 } ? judges : images, labels.IsDefault ? [] : labels, options);
        }
        catch
        {
            statistics.Dispose();
            throw;
        }
    }

    /// <summary>The same images on other weights or another graph of the same function, such as one that was equalized.</summary>
    /// <param name="graph">The folded network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="progress">Told of the share that is done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public CalibratedNetwork With(
        Graph graph, WeightSet weights, IProgress<QuantizationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Of(graph, weights, Images, JudgingImages, Options, progress, JudgingLabels, cancellationToken);

    /// <summary>How near a network's outputs are to these on the images to judge by.</summary>
    /// <param name="network">The quantized network.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public OutputAgreement Judge(QuantizedNetwork network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Compare(network, JudgingImages, _outputs.Value, cancellationToken);
    }

    /// <summary>How near a network's outputs are to these on the images to judge by, and what it loses by a measure.</summary>
    /// <param name="network">The quantized network.</param>
    /// <param name="measure">The measure, as <see cref="DropMeasure.On"/> gives it for <see cref="JudgingLabels"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public (OutputAgreement Agreement, MeasuredDrop Drop) Judge(
        QuantizedNetwork network, DropMeasure measure, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        float[][] outputs = Run(network.Graph, network.Weights, JudgingImages, cancellationToken);
        return (OutputComparison.Of(_outputs.Value, outputs), MeasuredDrop.Of(measure, _outputs.Value, outputs, JudgingLabels));
    }

    /// <inheritdoc />
    public void Dispose() => _statistics.Dispose();

    /// <summary>How near a network's outputs are to those expected on some images.</summary>
    internal OutputAgreement Compare(
        QuantizedNetwork network, IReadOnlyList<float[]> images, float[][] expected, CancellationToken cancellationToken) =>
        OutputComparison.Of(expected, Run(network.Graph, network.Weights, images, cancellationToken));

    /// <summary>Runs a network on some images.</summary>
    // Images side by side: a network of small layers has little for several threads to share.
    internal float[][] Run(Graph graph, WeightSet weights, IReadOnlyList<float[]> images, CancellationToken cancellationToken = default)
    {
        using var runner = EngineRunner.Create(graph, weights, (Options ?? new PlanOptions()) with { Threads = 1 });
        float[][] outputs = new float[images.Count][];
        int threads = Options is { Threads: > 0 } given ? given.Threads : Environment.ProcessorCount;
        Parallel.For(0, outputs.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, i =>
        {
            outputs[i] = new float[runner.OutputShape.Count];
            runner.Run(images[i], 1, outputs[i], cancellationToken);
        });
        return outputs;
    }

    private static void EnsureFinite(NetworkStatistics statistics)
    {
        foreach (var node in statistics.Graph.Nodes)
        {
            long found = statistics.Values[node.Name].NotFinite;
            if (found == 0) continue;
            throw new InvalidInputException(
                $"The value of {Files.OneLine.Quote(node.Name)} has {NumberText.Counted(found, "number")} that are NaN or infinite on the calibration images; check the weights and the preprocessing.");
        }
    }
}
