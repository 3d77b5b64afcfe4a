using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Testing.IntegerMath;

namespace EfficientNetSharp.Testing.TfLite;

/// <summary>Generated classifiers of TensorFlow Lite's operators, which <see cref="TfLiteGraphWriter"/> writes.</summary>
public static class TfLiteNetworks
{
    /// <summary>The classifier of a seed with a plan that a file can state, and its integer weights.</summary>
    public static (Graph Graph, WeightSet Weights) Quantized(int seed)
    {
        var graph = Classifier(seed);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)seed);
        var (quantized, weights) = RandomQuantization.Of(
            graph, SyntheticWeights.For(graph, (ulong)seed, gain: 2), IntegerArithmetic.TfLite, (ulong)seed, input, floats: 0);
        return (WithFusedFunctions(quantized), weights);
    }

    // In a file a ReLU is part of the layer before it, whose sums are rounded to the one scale that both have.
    private static Graph WithFusedFunctions(Graph graph)
    {
        var plan = graph.Quantization!;
        foreach (var node in graph.Nodes.Where(node => TfLiteGraphWriter.IsFused(graph, node)))
            plan = plan with { Values = plan.Values.SetItem(graph.Nodes[node.Inputs[0]].Name, plan.Values[node.Name]) };
        // What only orders or selects integers has no scale of its own there, nor have means under windows.
        foreach (var node in graph.Nodes.Where(node => node.Operator is Flatten or ZeroPad or AveragePool or MaxPool))
            plan = plan with { Values = plan.Values.SetItem(node.Name, plan.Values[graph.Nodes[node.Inputs[0]].Name]) };
        // Its functions are one step each.
        foreach (var (name, value) in plan.Values) plan = plan with { Values = plan.Values.SetItem(name, value with { Sigmoid = null }) };
        return graph.WithQuantization(plan);
    }

    /// <summary>A classifier of a seed.</summary>
    public static Graph Classifier(int seed)
    {
        var random = new SeededRandom((ulong)seed, 91);
        var builder = new GraphBuilder(TensorShape.Map(3, 9 + random.NextInt(6), 9 + random.NextInt(6)));
        int channels = 4 + random.NextInt(6);
        var x = Convolved(builder, builder.Last, "stem", channels, 3, 1 + random.NextInt(2), ref random);
        int blocks = 1 + random.NextInt(4);
        for (int i = 0; i < blocks; i++)
        {
            var before = x;
            var y = builder.Append($"b{i}.dw", new Convolution(channels, channels, 3, 1, channels, PaddingStyle.Same, random.NextInt(2) == 0), x);
            y = Function(builder, y, $"b{i}.dw", ref random);
            if (random.NextInt(2) == 0) y = Gated(builder, y, $"b{i}.se", channels);
            y = builder.Append($"b{i}.project", new Convolution(channels, channels, 1, 1, 1, PaddingStyle.Same, HasBias: true), y);
            if (random.NextInt(3) == 0) y = builder.Append($"b{i}.prelu", new PRelu(channels), y);
            if (random.NextInt(2) == 0) y = builder.Append($"b{i}.add", new Add(), y, before);
            if (random.NextInt(4) == 0 && y.Shape.Height > 3 && y.Shape.Width > 3)
                y = builder.Append($"b{i}.pool", new MaxPool(2, 2, PaddingStyle.None), y);
            x = Rearranged(builder, y, $"b{i}", ref random);
            channels = x.Shape.Channels;
        }

        if (random.NextInt(3) > 0) x = builder.Append("mean", new GlobalAveragePool(), x);
        x = builder.Append("flat", new Flatten(), x);
        return builder.Build([builder.Append("logits", new Linear(x.Shape.Channels, 5, HasBias: true), x)]);
    }

    // Means under windows beside a padded branch, joined, as in Inception's networks; or only some of that.
    private static Node Rearranged(GraphBuilder builder, Node x, string name, ref SeededRandom random)
    {
        switch (random.NextInt(6))
        {
            case 0:
                return builder.Append($"{name}.window", new AveragePool(2 + random.NextInt(2), 1 + random.NextInt(2), PaddingStyle.Same), x);
            case 1:
                var padded = builder.Append($"{name}.pad", new ZeroPad(new Pads(1, 0, 2, 1)), x);
                return builder.Append($"{name}.padded_window", new AveragePool(3, 1, PaddingStyle.None), padded);
            case 2:
                var window = builder.Append($"{name}.window", new AveragePool(3, 1, PaddingStyle.Same), x);
                var one = builder.Append($"{name}.one", new Convolution(x.Shape.Channels, 3, 1, 1, 1, PaddingStyle.Same, HasBias: true), x);
                return builder.Append($"{name}.joined", new Concatenation(3), one, window, x);
            default:
                return x;
        }
    }

    private static Node Convolved(GraphBuilder builder, Node x, string name, int channels, int kernel, int stride, ref SeededRandom random)
    {
        var padding = random.NextInt(2) == 0 ? PaddingStyle.Same : PaddingStyle.None;
        var y = builder.Append(name, new Convolution(x.Shape.Channels, channels, kernel, stride, 1, padding, HasBias: true), x);
        return Function(builder, y, name, ref random);
    }

    private static Node Function(GraphBuilder builder, Node x, string name, ref SeededRandom random) => random.NextInt(4) switch
    {
        0 => builder.Append($"{name}.relu", new Activation(ActivationKind.Relu), x),
        1 => builder.Append($"{name}.relu6", new Activation(ActivationKind.Relu6), x),
        2 => builder.Append($"{name}.hard_swish", new Activation(ActivationKind.HardSwish), x),
        _ => x,
    };

    private static Node Gated(GraphBuilder builder, Node x, string name, int channels)
    {
        var mean = builder.Append($"{name}.mean", new GlobalAveragePool(), x);
        var gate = builder.Append($"{name}.expand", new Convolution(channels, channels, 1, 1, 1, PaddingStyle.Same, HasBias: true), mean);
        return builder.Append($"{name}.scale", new Gate(), x, builder.Append($"{name}.sigmoid", new Activation(ActivationKind.Sigmoid), gate));
    }
}
