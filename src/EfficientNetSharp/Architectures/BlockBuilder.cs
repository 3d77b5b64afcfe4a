using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Appends the blocks that networks are made of.</summary>
internal sealed class BlockBuilder(Architecture architecture, GraphBuilder graph)
{
    public GraphBuilder Graph => graph;

    /// <summary>One block of a stage.</summary>
    public void Append(string name, Stage stage, int stride, double stochasticDepth)
    {
        switch (stage.Block)
        {
            case BlockKind.MBConv:
                AppendMBConv(name, stage, stride, stochasticDepth);
                break;
            case BlockKind.FusedMBConv:
                AppendFusedMBConv(name, stage, stride, stochasticDepth);
                break;
            case BlockKind.DepthwiseSeparable:
                AppendDepthwiseSeparable(name, stage, stride);
                break;
            case BlockKind.Basic:
                AppendBasic(name, stage, stride, stochasticDepth);
                break;
            case BlockKind.Bottleneck:
                AppendBottleneck(name, stage, stride, stochasticDepth);
                break;
            case BlockKind.ImprovedBasic:
                AppendImprovedBasic(name, stage, stride, stochasticDepth);
                break;
            default:
                throw new InvalidInputException($"Architecture '{architecture.Name}' names an unknown block kind {(int)stage.Block}.");
        }
    }

    /// <summary>Convolution, batch normalisation, activation, on the node added last.</summary>
    public Node AppendNormalizedConvolution(string name, int channels, int kernel, int stride, int groups, ActivationKind activation) =>
        AppendNormalizedConvolution(name, graph.Last, channels, kernel, stride, groups, activation);

    /// <summary>Batch normalisation of the node added last.</summary>
    public Node AppendNormalization(string name) => graph.Append(
        name, new BatchNormalization(graph.Last.Shape.Channels, architecture.Normalization.Epsilon, architecture.Normalization.Momentum));

    private Node AppendNormalizedConvolution(
        string name, Node input, int channels, int kernel, int stride, int groups, ActivationKind activation, Node? mixture = null)
    {
        var shape = new Convolution(input.Shape.Channels, channels, kernel, stride, groups, architecture.Padding, HasBias: false);
        if (mixture is null) graph.Append($"{name}.conv", shape, input);
        else graph.Append($"{name}.conv", new ConditionalConvolution(shape, mixture.Shape.Channels), input, mixture);
        AppendNormalization($"{name}.norm");
        return graph.AppendActivation($"{name}.activation", activation);
    }

    private ActivationKind ActivationOf(Stage stage) => stage.Activation ?? architecture.Activation;

    // Mobile inverted bottleneck with squeeze-excite (EfficientNet paper §4, MnasNet, MobileNetV2).
    private void AppendMBConv(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        int inner = Inner(stage, input);
        var mixture = stage.Experts > 1 ? AppendMixture($"{name}.routing", stage.Experts) : null;
        var last = input;
        if (inner != input.Shape.Channels || stage.AlwaysExpand)
            last = AppendNormalizedConvolution($"{name}.expand", last, inner, 1, 1, 1, ActivationOf(stage), mixture);
        last = AppendNormalizedConvolution($"{name}.depthwise", last, inner, stage.Kernel, stride, inner, ActivationOf(stage), mixture);
        if (stage.SqueezeExcite > 0) last = AppendSqueezeExcite($"{name}.squeeze_excite", stage, input.Shape.Channels);
        AppendNormalizedConvolution($"{name}.project", last, stage.Channels, 1, 1, 1, ActivationKind.Identity, mixture);
        AppendSkip(name, stage, input, stochasticDepth);
    }

    // EfficientNetV2 (Tan and Le 2021) §3.2; without expansion one convolution is left, which is activated.
    private void AppendFusedMBConv(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        int inner = Inner(stage, input);
        if (inner == input.Shape.Channels && !stage.AlwaysExpand)
        {
            AppendNormalizedConvolution($"{name}.spatial", stage.Channels, stage.Kernel, stride, 1, ActivationOf(stage));
        }
        else
        {
            AppendNormalizedConvolution($"{name}.expand", inner, stage.Kernel, stride, 1, ActivationOf(stage));
            if (stage.SqueezeExcite > 0) AppendSqueezeExcite($"{name}.squeeze_excite", stage, input.Shape.Channels);
            AppendNormalizedConvolution($"{name}.project", stage.Channels, 1, 1, 1, ActivationKind.Identity);
        }

        AppendSkip(name, stage, input, stochasticDepth);
    }

    // MobileNetV1 (Howard et al. 2017) §3.1.
    private void AppendDepthwiseSeparable(string name, Stage stage, int stride)
    {
        int channels = graph.Last.Shape.Channels;
        AppendNormalizedConvolution($"{name}.depthwise", channels, stage.Kernel, stride, channels, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.pointwise", stage.Channels, 1, 1, 1, ActivationOf(stage));
    }

    // ResNet (He et al. 2015) Figure 5, left.
    private void AppendBasic(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        AppendNormalizedConvolution($"{name}.first", stage.Channels, stage.Kernel, stride, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.second", stage.Channels, stage.Kernel, 1, 1, ActivationKind.Identity);
        AppendShortcut(name, input, stride, stochasticDepth);
        graph.AppendActivation($"{name}.activation", ActivationOf(stage));
    }

    // ResNet (He et al. 2015) Figure 5, right, with the stride in the middle convolution as torchvision and NVIDIA have it.
    private void AppendBottleneck(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        int inner = Inner(stage, input);
        AppendNormalizedConvolution($"{name}.reduce", inner, 1, 1, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.spatial", inner, stage.Kernel, stride, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.expand", stage.Channels, 1, 1, 1, ActivationKind.Identity);
        AppendShortcut(name, input, stride, stochasticDepth);
        graph.AppendActivation($"{name}.activation", ActivationOf(stage));
    }

    // insightface's arcface_torch, IBasicBlock.
    private void AppendImprovedBasic(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = graph.Last;
        AppendNormalization($"{name}.norm");
        AppendNormalizedConvolution($"{name}.first", stage.Channels, stage.Kernel, 1, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.second", stage.Channels, stage.Kernel, stride, 1, ActivationKind.Identity);
        AppendShortcut(name, input, stride, stochasticDepth);
    }

    // Channels between the first and the last 1×1 convolution. A fraction is rounded as MobileNetV3's tables are made.
    private static int Inner(Stage stage, Node input)
    {
        double inner = (stage.ExpansionBase > 0 ? stage.ExpansionBase : input.Shape.Channels) * stage.Expansion;
        return inner == Math.Floor(inner) ? (int)inner : Rounding.Channels(inner);
    }

    // What the experts' kernels are weighed with: a sigmoid layer on the channels' means (CondConv §3).
    private Node AppendMixture(string name, int experts)
    {
        graph.Append($"{name}.pool", new GlobalAveragePool());
        graph.Append($"{name}.flatten", new Flatten());
        graph.Append($"{name}.linear", new Linear(graph.Last.Shape.Channels, experts, HasBias: true));
        return graph.Append($"{name}.gate", new Activation(ActivationKind.Sigmoid));
    }

    // Squeeze-excite (Hu et al. 2018): a gate for each channel from the channels' means. Its convolutions have biases.
    private Node AppendSqueezeExcite(string name, Stage stage, int blockChannels)
    {
        var style = architecture.SqueezeExcite;
        var input = graph.Last;
        int channels = input.Shape.Channels;
        double share = (style.Base == SqueezeBase.Inner ? channels : blockChannels) * stage.SqueezeExcite;
        int squeezed = style.Divisor > 1 ? Rounding.Channels(share, divisor: style.Divisor) : Math.Max(1, (int)share);
        graph.Append($"{name}.pool", new GlobalAveragePool());
        graph.Append($"{name}.reduce", new Convolution(channels, squeezed, 1, 1, 1, architecture.Padding, HasBias: true));
        graph.AppendActivation($"{name}.activation", style.Activation ?? ActivationOf(stage));
        graph.Append($"{name}.expand", new Convolution(squeezed, channels, 1, 1, 1, architecture.Padding, HasBias: true));
        var gate = graph.Append($"{name}.gate", new Activation(style.Gate));
        return graph.Append($"{name}.scale", new Gate(), input, gate);
    }

    // The input again, where its shape allows it.
    private void AppendSkip(string name, Stage stage, Node input, double stochasticDepth)
    {
        if (!stage.Residual || input.Shape != graph.Last.Shape) return;
        if (stochasticDepth > 0) graph.Append($"{name}.stochastic_depth", new StochasticDepth(stochasticDepth));
        graph.Append($"{name}.add", new Add(), graph.Last, input);
    }

    // The input again, through a 1×1 convolution where the branch changes its shape or steps.
    private void AppendShortcut(string name, Node input, int stride, double stochasticDepth)
    {
        var branch = graph.Last;
        if (stochasticDepth > 0) branch = graph.Append($"{name}.stochastic_depth", new StochasticDepth(stochasticDepth));
        var shortcut = stride == 1 && input.Shape == branch.Shape
            ? input
            : AppendNormalizedConvolution($"{name}.shortcut", input, branch.Shape.Channels, 1, stride, 1, ActivationKind.Identity);
        graph.Append($"{name}.add", new Add(), branch, shortcut);
    }
}
