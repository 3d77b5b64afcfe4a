using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Testing;

/// <summary>A network with every operator and function, for backends to be held against the reference.</summary>
public static class EveryOperator
{
    /// <summary>
    /// Makes the network for images of 3×19×14. It yields a row of 5, and before it three maps of which two go on into other
    /// nodes; normalisations stand where they can be folded and where not.
    /// </summary>
    public static Graph Build()
    {
        var graph = new GraphBuilder(TensorShape.Map(3, 19, 14));
        graph.Append("input_norm", new BatchNormalization(3, 1e-3, 0.01));
        graph.Append("conv", new Convolution(3, 8, 5, 2, 1, PaddingStyle.Same, HasBias: true));
        graph.Append("norm", new BatchNormalization(8, 1e-3, 0.01));
        var trunk = graph.Append("relu6", new Activation(ActivationKind.Relu6));
        var gated = AppendGatedBranch(graph, trunk);
        var mixed = AppendMixture(graph, gated);
        graph.Append("pool", new MaxPool(3, 2, PaddingStyle.Same));
        graph.Append("pool_slope", new PRelu(8));
        graph.Append("symmetric_pool", new MaxPool(2, 1, PaddingStyle.Symmetric));
        AppendChannels(graph);
        var last = graph.Append("hard_swish", new Activation(ActivationKind.HardSwish));
        var whole = new Convolution(8, 8, last.Shape.Height, 1, 8, PaddingStyle.None, HasBias: false) { KernelWidth = last.Shape.Width };
        graph.Append("global_depthwise", whole);
        graph.Append("global_norm", new BatchNormalization(8, 1e-5, 0.1));
        graph.Append("flatten", new Flatten());
        graph.Append("hidden", new Linear(8, 6, HasBias: false));
        graph.Append("hidden_norm", new BatchNormalization(6, 1e-5, 0.1));
        graph.Append("hidden_slope", new PRelu(6));
        graph.Append("vector_norm", new BatchNormalization(6, 1e-5, 0.1));
        graph.Append("dropout", new Dropout(0.5));
        var row = graph.Append("fc", new Linear(6, 5, HasBias: true));
        return graph.Build([row, mixed, gated, last]);
    }

    // A residual branch with a gate; the hard and the soft function, as MobileNetV3 and EfficientNet have them.
    private static Node AppendGatedBranch(GraphBuilder graph, Node trunk)
    {
        graph.Append("grouped", new Convolution(8, 8, 3, 1, 2, PaddingStyle.Symmetric, HasBias: false));
        graph.Append("silu", new Activation(ActivationKind.Silu));
        var body = graph.Append("identity", new Activation(ActivationKind.Identity));
        graph.Append("mean", new GlobalAveragePool());
        graph.Append("reduce", new Convolution(8, 8, 1, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        var gate = graph.Append("hard_gate", new Activation(ActivationKind.HardSigmoid));
        graph.Append("scale", new Gate(), body, gate);
        graph.Append("depth", new StochasticDepth(0.2));
        graph.Append("add", new Add(), graph.Last, trunk);
        return graph.Append("slope", new PRelu(8));
    }

    // Half of the channels through a layer, joined with the rest, shuffled; means with and without their padding.
    private static void AppendChannels(GraphBuilder graph)
    {
        var map = graph.Last;
        var kept = graph.Append("kept", new ChannelSlice(0, 4), map);
        graph.Append("taken", new ChannelSlice(4, 4), map);
        graph.Append("through", new Convolution(4, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        graph.Append("joined", new Concatenation(2), kept, graph.Last);
        graph.Append("shuffled", new ChannelShuffle(2));
        graph.Append("mean_counts", new AveragePool(3, 1, PaddingStyle.Symmetric) { CountsPadding = true });
        graph.Append("mean_of_map", new AveragePool(3, 1, PaddingStyle.Same));
        graph.Append("shifted", new ZeroPad(new Pads(-1, 1, 3, 2)));
        graph.Append("rounded_up", new MaxPool(3, 2, PaddingStyle.RoundedUp));
    }

    // Kernels mixed for each image by its own content, grouped and depthwise.
    private static Node AppendMixture(GraphBuilder graph, Node map)
    {
        graph.Append("routing_mean", new GlobalAveragePool());
        graph.Append("routing_flatten", new Flatten());
        graph.Append("routing", new Linear(8, 3, HasBias: true));
        var shares = graph.Append("shares", new Activation(ActivationKind.Sigmoid));
        var grouped = new Convolution(8, 8, 3, 1, 2, PaddingStyle.Same, HasBias: false);
        graph.Append("mixed", new ConditionalConvolution(grouped, 3), map, shares);
        graph.Append("mixed_norm", new BatchNormalization(8, 1e-3, 0.01));
        var relu = graph.Append("relu", new Activation(ActivationKind.Relu));
        var depthwise = new Convolution(8, 8, 3, 2, 8, PaddingStyle.Same, HasBias: true);
        return graph.Append("mixed_depthwise", new ConditionalConvolution(depthwise, 3), relu, shares);
    }
}
