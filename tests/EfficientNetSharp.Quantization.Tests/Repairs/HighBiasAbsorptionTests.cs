using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class HighBiasAbsorptionTests
{
    private static Graph Network(ActivationKind kind, int kernel)
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 8, 8));
        builder.Append("a", new Convolution(2, 6, 1, 1, 1, PaddingStyle.Symmetric, true));
        builder.AppendActivation("function", kind);
        builder.Append("b", new Convolution(6, 4, kernel, 1, 2, PaddingStyle.Symmetric, true));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        builder.Append("c", new Linear(4, 3, true));
        return builder.Build();
    }

    private static WeightSet Weights(Graph graph, float bias) => new(SyntheticWeights.For(graph, 1).Select(pair => pair.Key == "a.bias"
        ? KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, [bias, -bias, bias, 0, bias, 2 * bias])) : pair));

    [Fact]
    public void What_all_values_of_a_channel_have_moves_on_and_the_network_computes_the_same()
    {
        var graph = Network(ActivationKind.Relu, 1);
        var weights = Weights(graph, 20);
        float[][] images = [SyntheticInput.Batch(graph.Input.Shape, 1, 1), SyntheticInput.Batch(graph.Input.Shape, 1, 2)];
        var options = new PlanOptions { Threads = 1 };
        var moved = HighBiasAbsorption.Apply(graph, weights, images, options);
        float[] bias = moved["a.bias"].Values;
        // Channels that are high throughout have lost most of it; those at or below zero nothing.
        Assert.Equal([-20f, 0f], [bias[1], bias[3]]);
        foreach (int channel in new[] { 0, 2, 4, 5 }) Assert.InRange(bias[channel], 0, 10);
        using var before = EngineRunner.Create(graph, weights, options);
        using var after = EngineRunner.Create(graph, moved, options);
        foreach (float[] image in images)
        {
            float[] expected = new float[3], actual = new float[3];
            ((IModelRunner)before).Run(image, 1, expected);
            ((IModelRunner)after).Run(image, 1, actual);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
        }
    }

    // Zeros of padding are no part of the channel, and other functions let no constant through.
    [Theory]
    [InlineData(ActivationKind.Relu, 3)]
    [InlineData(ActivationKind.Silu, 1)]
    [InlineData(ActivationKind.Relu6, 1)]
    public void Where_it_would_change_the_network_nothing_moves(ActivationKind kind, int kernel)
    {
        var graph = Network(kind, kernel);
        var weights = Weights(graph, 20);
        Assert.Same(weights, HighBiasAbsorption.Apply(graph, weights, [SyntheticInput.Batch(graph.Input.Shape, 1, 1)]));
    }
}
