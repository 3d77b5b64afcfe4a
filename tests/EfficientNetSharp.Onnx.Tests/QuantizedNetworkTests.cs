using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;
using Xunit;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>Generated networks with generated plans, written as QuantizeLinear and DequantizeLinear and run by ONNX Runtime.</summary>
public sealed class QuantizedNetworkTests(ITestOutputHelper output)
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 300);

    // ONNX Runtime adds products up in float32 where integers are exact, so that a sum near the middle of two integers may become the
    // other one: by a step, where what the layer takes is the same.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_layer_s_integers_are_ONNX_Runtime_s_or_their_neighbours(int first, int count)
    {
        long values = 0, equal = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (Generate(seed, floats: seed % 3 == 0 ? 0.2 : 0) is not var (graph, weights, input)) continue;
            if (graph.Quantization!.Values.IsEmpty) continue;
            var all = graph.WithOutputs([.. graph.Nodes.Where(node => graph.Quantization!.Of(node) is not null)]);
            weights = weights.For(all);
            float[][] actual = Run(OnnxExporter.ExportToBytes(all, weights, OptionsFor(seed)), all, input);
            double[][] expected = new IntegerReferenceRunner(all, weights).Evaluate(input).Numbers;
            var isEqual = new bool[all.Nodes.Length];
            for (int o = 0; o < actual.Length; o++)
            {
                var node = all.Outputs[o];
                double[] steps = Steps(actual[o], expected[node.Index], all.Quantization!.Of(node)!.Scale);
                isEqual[node.Index] = Array.TrueForAll(steps, step => step == 0);
                if (!node.Inputs.All(index => isEqual[index])) continue;
                values += steps.Length;
                equal += steps.Count(step => step == 0);
                if (steps.Max() > 1)
                    Assert.Fail($"Network {seed}, {node.Name} ({node.Operator}): {steps.Max()} steps from ONNX Runtime's, {all.Quantization!.Of(node)}");
            }
        }

        output.WriteLine(FormattableString.Invariant($"{values} integers, {100.0 * equal / values:F4} % are equal, the others a step away."));
        Assert.True(equal > 0.99 * values);
    }

    // Written with results alone, what stands before a ReLU is not rounded by itself; what is different spreads, seldom and little.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Results_are_ONNX_Runtime_s_but_for_neighbours(int first, int count)
    {
        long values = 0, near = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (Generate(seed, floats: 0) is not var (graph, weights, input)) continue;
            float[][] actual = Run(OnnxExporter.ExportToBytes(graph, weights, OptionsFor(seed)), graph, input);
            double[][] expected = new IntegerReferenceRunner(graph, weights).Evaluate(input).Numbers;
            for (int o = 0; o < actual.Length; o++)
            {
                double[] steps = Steps(actual[o], expected[graph.Outputs[o].Index], graph.Quantization!.Of(graph.Outputs[o])!.Scale);
                values += steps.Length;
                near += steps.Count(step => step <= 1);
            }
        }

        output.WriteLine(FormattableString.Invariant($"{values} integers, {100.0 * near / values:F4} % within a step."));
        Assert.True(near > 0.99 * values);
    }

    private static float[][] Run(byte[] onnx, Graph graph, float[] input)
    {
        using var runtime = OnnxRuntimeRunner.Load(onnx, new OnnxRuntimeOptions { Threads = 1, Optimizes = false });
        float[][] rows = [.. graph.Outputs.Select(node => new float[node.Shape.Count])];
        runtime.RunAll(input, 1, [.. rows.Select(row => row.AsMemory())]);
        return rows;
    }

    private static double[] Steps(float[] actual, double[] expected, float scale) =>
        [.. actual.Zip(expected, (a, b) => Math.Round(Math.Abs(a - b) / scale))];

    private static (Graph Graph, WeightSet Weights, float[] Input)? Generate(int seed, double floats)
    {
        var network = RandomNetwork.Build(seed);
        if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) return null;
        float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
        var (graph, weights) = RandomQuantization.Of(
            network, SyntheticWeights.For(network, (ulong)seed, gain: 3), IntegerArithmetic.Onnx, (ulong)seed, input, floats);
        return (graph, weights, input);
    }

    private static OnnxExportOptions OptionsFor(int seed) => (seed % 3) switch
    {
        0 => new OnnxExportOptions(),
        1 => new OnnxExportOptions { OpsetVersion = 13, MicrosoftDomain = true, Pooling = PoolingForm.ReduceMean },
        _ => new OnnxExportOptions { OpsetVersion = 21 },
    };
}
