using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Quantization.Tests.Transforms;

/// <summary>Transforms of quantized networks: what they compute stays the same, integer by integer.</summary>
public sealed class QuantizedTransformTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_convolution_of_one_pixel_at_the_end_is_a_classifier(bool quantized)
    {
        var (graph, weights, input) = EndsWithPixel(quantized);
        var (made, moved) = LinearClassifier.Apply(graph, weights);
        Assert.IsType<Linear>(made.Output.Operator);
        moved.EnsureFit(made);
        Assert.Equal(Run(graph, weights, input), Run(made, moved, input));
        Assert.Equal(NodeRole.Classifier, made.WithClassifierRole().Output.Role);
    }

    [Fact]
    public void A_network_that_ends_otherwise_is_left_alone()
    {
        var (graph, weights, _) = EndsWithPixel(quantized: false);
        var (pooled, rest) = LinearClassifier.Apply(graph.WithOutputs(graph.Nodes[1]), weights);
        Assert.IsType<Convolution>(pooled.Output.Operator);
        Assert.Same(weights, rest);
    }

    // The numbers that the integers stand for, and nothing rounded between: what the reference for floats makes of them.
    [Fact]
    public void A_twin_in_floats_has_the_numbers_of_the_integers()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var network = RandomNetwork.Build(seed);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), IntegerArithmetic.Onnx, (ulong)seed, input);
            var (floats, numbers) = DequantizeTransform.Apply(graph, weights);
            Assert.Null(floats.Quantization);
            numbers.EnsureFit(floats);
            Assert.DoesNotContain(numbers.Values, tensor => tensor.Integers is not null);
            Assert.Equal(Run(graph.WithQuantization(null), numbers, input), Run(floats, numbers, input));
        }
    }

    // Whoever runs a network folds it, also one that has been folded before its plan was made.
    [Fact]
    public void Preparing_a_quantized_network_again_moves_no_rounding()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var network = RandomNetwork.Build(seed);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), IntegerArithmetic.Onnx, (ulong)seed, input, floats: 0.3);
            var (again, same) = InferenceTransform.Apply(graph, weights);
            same.EnsureFit(again);
            Assert.Equal(graph.Quantization!.Values, again.Quantization!.Values);
            Assert.Equal(graph.Quantization.Kernels, again.Quantization.Kernels);
        }
    }

    private static float[] Run(Graph graph, WeightSet weights, float[] input)
    {
        using IModelRunner runner = graph.Quantization is null ? new ReferenceRunner(graph, weights) : new IntegerReferenceRunner(graph, weights);
        var output = new float[graph.Output.Shape.Count];
        runner.Run(input, 1, output);
        return output;
    }

    private static (Graph Graph, WeightSet Weights, float[] Input) EndsWithPixel(bool quantized)
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 6, 6));
        var map = builder.Append("conv", new Convolution(3, 8, 3, 2, 1, PaddingStyle.Same, HasBias: true), builder.Last);
        var mean = builder.Append("mean", new GlobalAveragePool(), map);
        var logits = builder.Append("logits", new Convolution(8, 5, 1, 1, 1, PaddingStyle.Same, HasBias: true), mean);
        var row = builder.Append("row", new Flatten(), logits);
        var graph = builder.Build([row]);
        var weights = SyntheticWeights.For(graph, 2, gain: 2);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, 1);
        if (!quantized) return (graph, weights, input);
        (graph, weights) = RandomQuantization.Of(graph, weights, IntegerArithmetic.TfLite, 4, input, floats: 0);
        var plan = graph.Quantization!;
        return (graph.WithQuantization(plan with { Values = plan.Values.SetItem("row", plan.Values["logits"]) }), weights, input);
    }
}
