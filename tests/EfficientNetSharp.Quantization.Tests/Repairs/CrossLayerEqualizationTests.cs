using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class CrossLayerEqualizationTests
{
    // Two blocks with residual, depthwise layer, gate, PReLU and a classifier: all that factors pass through.
    internal static Graph Network(ActivationKind kind)
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 16, 16));
        var stem = builder.Append("stem", new Convolution(3, 8, 3, 1, 1, PaddingStyle.Symmetric, true));
        for (int block = 0; block < 2; block++)
        {
            string name = $"block{block}";
            builder.Append($"{name}.expand", new Convolution(8, 12, 1, 1, 1, PaddingStyle.Symmetric, true), stem);
            builder.AppendActivation($"{name}.first", kind);
            builder.Append($"{name}.depthwise", new Convolution(12, 12, 3, 1, 12, PaddingStyle.Symmetric, true));
            var map = builder.AppendActivation($"{name}.second", kind == ActivationKind.Relu ? ActivationKind.PRelu : kind);
            builder.Append($"{name}.pool", new GlobalAveragePool());
            builder.Append($"{name}.reduce", new Convolution(12, 4, 1, 1, 1, PaddingStyle.Symmetric, true));
            builder.AppendActivation($"{name}.inside", kind);
            builder.Append($"{name}.excite", new Convolution(4, 12, 1, 1, 1, PaddingStyle.Symmetric, true));
            var gate = builder.AppendActivation($"{name}.gate", ActivationKind.Sigmoid);
            builder.Append($"{name}.scale", new Gate(), map, gate);
            var project = builder.Append($"{name}.project", new Convolution(12, 8, 1, 1, 2, PaddingStyle.Symmetric, true));
            stem = builder.Append($"{name}.add", new Add(), stem, project);
        }

        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        builder.Append("classifier", new Linear(8, 5, true));
        return builder.Build();
    }

    // Channels of very different ranges, as trained depthwise layers have them.
    internal static WeightSet Uneven(Graph graph) => new(SyntheticWeights.For(graph, 2).Select(pair =>
    {
        float[] values = [.. pair.Value.Values];
        int perChannel = values.Length / pair.Value.Shape[0];
        for (int i = 0; i < values.Length; i++) values[i] *= MathF.Pow(2, (i / perChannel % 7) - 3);
        return KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, values));
    }));

    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Silu)]
    [InlineData(ActivationKind.Relu6)]
    public void The_network_computes_the_same(ActivationKind kind)
    {
        var graph = Network(kind);
        var weights = Uneven(graph);
        var equalized = CrossLayerEqualization.Apply(graph, weights);
        Assert.NotEqual(weights["block0.project.weight"].Values, equalized["block0.project.weight"].Values);
        using var before = EngineRunner.Create(graph, weights, new PlanOptions { Threads = 1 });
        using var after = EngineRunner.Create(graph, equalized, new PlanOptions { Threads = 1 });
        float[] image = SyntheticInput.Batch(graph.Input.Shape, 1, 3), expected = new float[5], actual = new float[5];
        ((IModelRunner)before).Run(image, 1, expected);
        ((IModelRunner)after).Run(image, 1, actual);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
        // What such a function lies between stays as it is.
        if (kind != ActivationKind.Relu) Assert.Equal(weights["block0.depthwise.weight"].Values, equalized["block0.depthwise.weight"].Values);
    }

    [Fact]
    public void A_channel_has_the_same_range_where_it_is_written_and_where_it_is_read()
    {
        var graph = Network(ActivationKind.Relu);
        var equalized = CrossLayerEqualization.Apply(graph, Uneven(graph));
        float[] expand = equalized["block1.expand.weight"].Values, depthwise = equalized["block1.depthwise.weight"].Values;
        for (int channel = 0; channel < 12; channel++)
            Assert.Equal(1, Largest(expand, channel, 8) / Largest(depthwise, channel, 9), 2e-2f);
        // The geometric mean of both: 2 and 8 become 4 and 4.
        var builder = new GraphBuilder(TensorShape.Map(1, 4, 4));
        builder.Append("a", new Convolution(1, 1, 1, 1, 1, PaddingStyle.Symmetric, true));
        builder.AppendActivation("relu", ActivationKind.Relu);
        builder.Append("b", new Convolution(1, 1, 1, 1, 1, PaddingStyle.Symmetric, true));
        var pair = builder.Build();
        var both = CrossLayerEqualization.Apply(pair, new WeightSet(new Dictionary<string, WeightTensor>
        {
            ["a.weight"] = new([1, 1, 1, 1], [2]), ["a.bias"] = new([1], [6]), ["b.weight"] = new([1, 1, 1, 1], [-8]), ["b.bias"] = new([1], [1]),
        }));
        Assert.Equal([4f, 12f, -4f, 1f], new[] { both["a.weight"], both["a.bias"], both["b.weight"], both["b.bias"] }.Select(tensor => tensor.Values[0]));

        static float Largest(float[] weights, int channel, int length) => weights.AsSpan(channel * length, length).ToArray().Max(Math.Abs);
    }
}
