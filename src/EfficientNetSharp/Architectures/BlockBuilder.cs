using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Appends the blocks that networks are made of.</summary>
internal sealed class BlockBuilder(Architecture architecture, GraphBuilder graph)
{
    public GraphBuilder Graph => graph;

    /// <summary>Convolution, batch normalisation, activation.</summary>
    public Node AppendNormalizedConvolution(string name, int channels, int kernel, int stride, int groups, ActivationKind activation)
    {
        var norm = architecture.Normalization;
        int inChannels = graph.Last.Shape.Channels;
        graph.Append($"{name}.conv", new Convolution(inChannels, channels, kernel, stride, groups, architecture.Padding, HasBias: false));
        graph.Append($"{name}.norm", new BatchNormalization(channels, norm.Epsilon, norm.Momentum));
        return graph.AppendActivation($"{name}.activation", activation);
    }

    /// <summary>Mobile inverted bottleneck with squeeze-excite (EfficientNet paper §4, MnasNet, MobileNetV2).</summary>
    public void AppendMBConv(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        int inChannels = input.Shape.Channels;
        int inner = (int)(inChannels * stage.Expansion);
        if (inner != inChannels) AppendNormalizedConvolution($"{name}.expand", inner, 1, 1, 1, architecture.Activation);
        AppendNormalizedConvolution($"{name}.depthwise", inner, stage.Kernel, stride, inner, architecture.Activation);
        if (stage.SqueezeExcite > 0) AppendSqueezeExcite($"{name}.squeeze_excite", Math.Max(1, (int)(inChannels * stage.SqueezeExcite)));
        AppendNormalizedConvolution($"{name}.project", stage.Channels, 1, 1, 1, ActivationKind.Identity);
        if (stride == 1 && inChannels == stage.Channels) AppendSkip(name, input, stochasticDepth);
    }

    /// <summary>Squeeze-excite (Hu et al. 2018): a gate for each channel from the channels' means. Its convolutions have biases.</summary>
    private void AppendSqueezeExcite(string name, int squeezed)
    {
        var input = graph.Last;
        int channels = input.Shape.Channels;
        graph.Append($"{name}.pool", new GlobalAveragePool());
        graph.Append($"{name}.reduce", new Convolution(channels, squeezed, 1, 1, 1, architecture.Padding, HasBias: true));
        graph.AppendActivation($"{name}.activation", architecture.Activation);
        graph.Append($"{name}.expand", new Convolution(squeezed, channels, 1, 1, 1, architecture.Padding, HasBias: true));
        var gate = graph.Append($"{name}.gate", new Activation(ActivationKind.Sigmoid));
        graph.Append($"{name}.scale", new Gate(), input, gate);
    }

    private void AppendSkip(string name, Node input, double stochasticDepth)
    {
        if (stochasticDepth > 0) graph.Append($"{name}.stochastic_depth", new StochasticDepth(stochasticDepth));
        graph.Append($"{name}.add", new Add(), graph.Last, input);
    }
}
