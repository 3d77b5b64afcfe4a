using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>Quantized files read back: our own, bit for bit.</summary>
public sealed class QuantizedReadingTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 300);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_written_is_read_back_with_the_same_integers(int first, int count)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            if (Differences(seed, floats: 0, out _) is { } difference) Assert.Fail($"Network {seed}, {difference}");
        }
    }

    // A layer in floats whose ReLU is rounded is read as integers where it may be, and sums that are exact there may round otherwise.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void With_floats_between_the_same_but_for_neighbours(int first, int count)
    {
        int networks = 0, others = 0;
        for (int seed = first; seed < first + count; seed += 2)
        {
            Differences(seed, floats: 0.3, out double share);
            networks++;
            if (share > 0.01) others++;
        }

        Assert.True(others <= Math.Max(1, networks / 25), $"{others} of {networks} networks differ in more than 1 % of their integers.");
    }

    // The share of integers that are others, and what to say of the first; none where all are the same.
    private static string? Differences(int seed, double floats, out double share)
    {
        share = 0;
        var network = RandomNetwork.Build(seed);
        if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) return null;
        float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
        var (graph, weights) = RandomQuantization.Of(
            network, SyntheticWeights.For(network, (ulong)seed, gain: 3), IntegerArithmetic.Onnx, (ulong)seed, input, floats);
        using var folder = new TemporaryFolder();
        OnnxExporter.Export(graph, weights, folder["n.onnx"],
            new OnnxExportOptions { OpsetVersion = seed % 3 == 0 ? 13 : null, MicrosoftDomain = true });
        var read = OnnxReader.Read(folder["n.onnx"]);
        if (read.Graph.Quantization is null) return graph.Quantization!.Values.IsEmpty ? null : "nothing is quantized";
        double[][] expected = new IntegerReferenceRunner(graph, weights).Evaluate(input).Numbers;
        double[][] actual = new IntegerReferenceRunner(read.Graph, read.Weights).Evaluate(input).Numbers;
        string? found = null;
        for (int o = 0; o < graph.Outputs.Length; o++)
        {
            double[] ours = expected[graph.Outputs[o].Index], theirs = actual[read.Graph.Outputs[o].Index];
            int others = ours.Zip(theirs).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-6 * Math.Abs(pair.First));
            if (others == 0) continue;
            share = Math.Max(share, (double)others / ours.Length);
            found ??= $"{graph.Outputs[o].Name}: {others} of {ours.Length} differ\nwritten {Describe(graph)}\nread {Describe(read.Graph)}";
        }

        return found;
    }

    private static string Describe(Graph graph) => string.Join(
        "\n", graph.Nodes.Select(node => $"  {node.Name} {node.Operator} of {string.Join(", ", node.Inputs)}: {graph.Quantization?.Of(node)}"));
}
