using System.Collections.Immutable;
using System.Diagnostics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>
/// What networks take in the engine on this machine, in the types that processors have: what a device profile of the machine is fitted
/// to. Weights are random, as no time depends on them.
/// </summary>
public static class EngineTimes
{
    // Whatever else a machine does takes time away and never gives any: the fastest of many runs is the network's own.
    private const int MinRuns = 10;

    private const double MinSeconds = 0.3;

    private static readonly ImmutableArray<(string Name, QuantizationScheme? Scheme)> Schemes =
        [("float32", null), ("int16", QuantizationScheme.OnnxInt16), ("int8", QuantizationScheme.OnnxInt8)];

    /// <summary>The types that are measured, as device profiles call them.</summary>
    public static ImmutableArray<string> Types { get; } = [.. Schemes.Select(scheme => scheme.Name)];

    /// <summary>Measures a network.</summary>
    /// <param name="graph">The network, in floats.</param>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="options">Threads and vectors; <see langword="null"/> for the usual.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Milliseconds for one image: the fastest of at least ten runs and 0.3 seconds.</returns>
    /// <exception cref="InvalidInputException">There is no such type, the network is quantized, or the engine cannot run it.</exception>
    public static double Measure(Graph graph, string type, PlanOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        graph.EnsureFloat("Measuring in each type");
        if (!Types.Contains(type))
            throw new InvalidInputException($"The engine is measured in {string.Join(", ", Types)}, found {Files.OneLine.Quote(type)}.");
        var weights = WeightInitializer.Initialize(graph, seed: 1);
        float[] image = ImageOf(graph.Input.Shape);
        if (Schemes.First(scheme => scheme.Name == type).Scheme is { } scheme)
        {
            using var network = CalibratedNetwork.Of(graph, weights, [image], null, options, cancellationToken: cancellationToken);
            (graph, weights) = PlanMaker.Make(
                network.Graph, network.Weights,
                network.Graph.Nodes.ToDictionary(
                    node => node.Name, node => Calibrator.MinMax.Choose(network.Values[node.Name], scheme), StringComparer.Ordinal),
                scheme);
        }

        using var runner = EngineRunner.Create(graph, weights, options);
        float[] output = new float[runner.OutputShape.Count];
        var whole = Stopwatch.StartNew();
        double fastest = double.PositiveInfinity;
        for (int run = 0; run < MinRuns || whole.Elapsed.TotalSeconds < MinSeconds; run++)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Run(image, 1, output, cancellationToken);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return fastest;
    }

    private static float[] ImageOf(TensorShape shape)
    {
        var random = new SeededRandom(1);
        float[] image = new float[shape.Count];
        foreach (ref float pixel in image.AsSpan()) pixel = (float)random.NextGaussian();
        return image;
    }
}
