using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>What becomes of one value of a network when it is computed in integers.</summary>
public sealed record LayerAnalysis
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it computes, as <c>Convolution</c>.</summary>
    public required string Operator { get; init; }

    /// <summary>What its integers stand for.</summary>
    public required ValueQuantization Quantization { get; init; }

    /// <summary>The lowest number that its integers hold.</summary>
    public required double HeldMin { get; init; }

    /// <summary>The highest.</summary>
    public required double HeldMax { get; init; }

    /// <summary>The lowest number of the float network on the images it was calibrated with.</summary>
    public required double SeenMin { get; init; }

    /// <summary>The highest.</summary>
    public required double SeenMax { get; init; }

    /// <summary>Cosine of the quantized network's value to the float network's, all layers before it in integers as well.</summary>
    public required double Cosine { get; init; }

    /// <summary>Signal to noise in decibels, likewise.</summary>
    public required double SignalToNoise { get; init; }

    /// <summary>Cosine of the value where this node alone computes in integers.</summary>
    public required double IsolatedCosine { get; init; }

    /// <summary>Signal to noise of the value in decibels, likewise.</summary>
    public required double IsolatedSignalToNoise { get; init; }

    /// <summary>Signal to noise of the network's output where this node alone computes in integers: what it costs.</summary>
    public required double OutputSignalToNoise { get; init; }

    /// <summary>Share of its numbers that are cut off at the range's ends.</summary>
    public required double Saturated { get; init; }

    /// <summary>
    /// Of a layer with a kernel: the range of the channel with the largest weights, divided by the median channel's. A single scale for
    /// the tensor leaves the others so much coarser. <see langword="null"/> without a kernel.
    /// </summary>
    public double? WeightSpread { get; init; }

    /// <summary>The channel with the largest weights; <see langword="null"/> without a kernel.</summary>
    public int? LargestChannel { get; init; }

    /// <summary>Shares of the float numbers in equal steps from <see cref="SeenMin"/> to <see cref="SeenMax"/>; exact zeros are left out.</summary>
    public ImmutableArray<double> Histogram { get; init; } = [];
}

/// <summary>Compares a quantized network with the float network value by value.</summary>
public static class LayerAnalyzer
{
    private const int HistogramBins = 48;

    /// <summary>Analyzes all values that are computed in integers.</summary>
    /// <param name="network">The float network with its statistics; its judging images are taken.</param>
    /// <param name="quantized">The quantized network.</param>
    /// <param name="images">Most images to compare on.</param>
    /// <param name="progress">Told of what is being done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static ImmutableArray<LayerAnalysis> Analyze(
        CalibratedNetwork network, QuantizedNetwork quantized, int images = 8, IProgress<QuantizationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(quantized);
        var plan = quantized.Graph.Quantization ?? throw new InvalidInputException("The network has no plan to analyze; quantize it first.");
        var inputs = network.JudgingImages.Take(images).ToArray();
        Node[] nodes = [.. quantized.Graph.Nodes.Where(node => node.Operator is not (Flatten or Dropout or StochasticDepth) && plan.ComputesInIntegers(quantized.Graph, node))];
        var whole = nodes.ToDictionary(node => node.Name, _ => new ValueComparison(), StringComparer.Ordinal);
        foreach (var group in NetworkStatistics.GroupsOf(quantized.Graph))
        {
            ImmutableArray<Node> ofGroup = [.. group.Where(node => whole.ContainsKey(node.Name))];
            if (ofGroup.IsEmpty) continue;
            using var floats = new Outputs(network.Graph, network.Weights, [.. ofGroup.Select(node => node.Name)], network.Options);
            using var integers = new Outputs(quantized.Graph, quantized.Weights, [.. ofGroup.Select(node => node.Name)], network.Options);
            foreach (float[] image in inputs)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (expected, actual) = (floats.Run(image), integers.Run(image));
                for (int i = 0; i < ofGroup.Length; i++)
                {
                    var held = plan.Of(ofGroup[i])!;
                    whole[ofGroup[i].Name].Add(expected[i].Span, actual[i].Span, held.Min(plan.Arithmetic), held.Max(plan.Arithmetic));
                }
            }
        }

        var alone = new (ValueComparison Own, ValueComparison Output)[nodes.Length];
        int done = 0;
        Parallel.For(0, nodes.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            alone[i] = Alone(network, quantized, plan, nodes[i], inputs);
            lock (whole) progress?.Report(new QuantizationProgress("analyzing each layer by itself", ++done / (double)nodes.Length));
        });
        return [.. nodes.Select((node, i) => Describe(network, plan, node, whole[node.Name], alone[i]))];
    }

    private static LayerAnalysis Describe(
        CalibratedNetwork network, QuantizationPlan plan, Node node, ValueComparison whole, (ValueComparison Own, ValueComparison Output) alone)
    {
        var (held, seen) = (plan.Of(node)!, network.Values[node.Name]);
        float[]? channels = node.Parameters.FirstOrDefault(parameter => parameter.IsKernel) is { } kernel ? ChannelsOf(network.Weights[kernel]) : null;
        double median = channels is null ? 0 : channels.Order().ElementAt(channels.Length / 2);
        return new LayerAnalysis
        {
            Name = node.Name, Operator = node.Operator is Activation activation ? activation.Kind.ToString() : node.Operator.GetType().Name,
            Quantization = held, HeldMin = held.Min(plan.Arithmetic), HeldMax = held.Max(plan.Arithmetic), SeenMin = seen.Min, SeenMax = seen.Max,
            Cosine = whole.Cosine, SignalToNoise = whole.Decibels, Saturated = whole.Saturated,
            IsolatedCosine = alone.Own.Cosine, IsolatedSignalToNoise = alone.Own.Decibels, OutputSignalToNoise = alone.Output.Decibels,
            WeightSpread = channels is null ? null : median > 0 ? channels.Max() / median : 1,
            LargestChannel = channels is null ? null : Array.IndexOf(channels, channels.Max()),
            Histogram = HistogramOf(seen),
        };
    }

    private static float[] ChannelsOf(WeightTensor kernel) =>
        [.. kernel.Values.Chunk(kernel.Values.Length / kernel.Shape[0]).Select(channel => channel.Max(Math.Abs))];

    private static ImmutableArray<double> HistogramOf(ValueStatistics seen)
    {
        double[] bins = new double[HistogramBins];
        double width = (seen.Max - (double)seen.Min) / HistogramBins;
        if (!(width > 0)) return [];
        for (int i = 0; i < ValueStatistics.Bins; i++)
        {
            if (seen.Counts[i] > 0) bins[Math.Clamp((int)((seen.CenterOf(i) - seen.Min) / width), 0, HistogramBins - 1)] += seen.Counts[i];
        }

        double all = Math.Max(bins.Sum(), 1);
        return [.. bins.Select(count => count / all)];
    }

    // The float network in which one node has integers: its inputs, its kernel and its result are rounded, nothing else.
    private static (ValueComparison Own, ValueComparison Output) Alone(
        CalibratedNetwork network, QuantizedNetwork quantized, QuantizationPlan plan, Node node, float[][] images)
    {
        var names = node.Inputs.Select(input => quantized.Graph.Nodes[input].Name).Append(node.Name).ToHashSet(StringComparer.Ordinal);
        var own = node.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        var graph = network.Graph.WithQuantization(plan with
        {
            Values = plan.Values.RemoveRange(plan.Values.Keys.Where(name => !names.Contains(name))),
            Kernels = plan.Kernels.RemoveRange(plan.Kernels.Keys.Where(name => !own.Contains(name))),
        });
        var weights = new WeightSet(network.Weights.Select(pair => own.Contains(pair.Key) ? KeyValuePair.Create(pair.Key, quantized.Weights[pair.Key]) : pair));
        var (value, output) = (new ValueComparison(), new ValueComparison());
        bool isOutput = node.Name == graph.Output.Name;
        string[] outputs = isOutput ? [node.Name] : [node.Name, graph.Output.Name];
        var options = (network.Options ?? new PlanOptions()) with { Threads = 1 };
        using var floats = new Outputs(network.Graph, network.Weights, outputs, options);
        using var one = new Outputs(graph, weights, outputs, options);
        foreach (float[] image in images)
        {
            var (expected, actual) = (floats.Run(image), one.Run(image));
            value.Add(expected[0].Span, actual[0].Span);
            output.Add(expected[^1].Span, actual[^1].Span);
        }

        return (value, output);
    }

    /// <summary>Some values of a network, run after run in the same memory.</summary>
    private sealed class Outputs : IDisposable
    {
        private readonly EngineRunner _runner;
        private readonly Memory<float>[] _values;

        public Outputs(Graph graph, WeightSet weights, string[] names, PlanOptions? options)
        {
            var part = graph.WithOutputs([.. names.Select(name => graph[name])]);
            _runner = EngineRunner.Create(part, weights.For(part), options);
            _values = [.. names.Select(name => new Memory<float>(new float[graph[name].Shape.Count]))];
        }

        public Memory<float>[] Run(float[] image)
        {
            _runner.RunAll(image, 1, _values);
            return _values;
        }

        public void Dispose() => _runner.Dispose();
    }
}
