using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Appends the blocks that networks are made of.</summary>
internal sealed class BlockBuilder
{
    private readonly Architecture _architecture;
    private readonly GraphBuilder _graph;
    private readonly ChannelBlocks _channelBlocks;
    private readonly NasNetCells _cells;

    public BlockBuilder(Architecture architecture, GraphBuilder graph)
    {
        (_architecture, _graph) = (architecture, graph);
        _channelBlocks = new ChannelBlocks(this, architecture);
        _cells = new NasNetCells(this, architecture);
    }

    public GraphBuilder Graph => _graph;

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
            case BlockKind.Fire:
                _channelBlocks.AppendFire(name, stage, stride);
                break;
            case BlockKind.Shuffle:
                _channelBlocks.AppendShuffle(name, stage, stride);
                break;
            case BlockKind.SplitShuffle:
                _channelBlocks.AppendSplitShuffle(name, stage, stride);
                break;
            case BlockKind.NasNormal or BlockKind.NasReduction:
                _cells.Append(name, stage, stride);
                break;
            default:
                throw new InvalidInputException($"Architecture '{_architecture.Name}' names an unknown block kind {(int)stage.Block}.");
        }
    }

    /// <summary>Convolution, batch normalisation, activation, on the node added last.</summary>
    public Node AppendNormalizedConvolution(string name, int channels, int kernel, int stride, int groups, ActivationKind activation) =>
        AppendNormalizedConvolution(name, _graph.Last, channels, kernel, stride, groups, activation);

    /// <summary>Batch normalisation of the node added last.</summary>
    public Node AppendNormalization(string name) => _graph.Append(
        name, new BatchNormalization(_graph.Last.Shape.Channels, _architecture.Normalization.Epsilon, _architecture.Normalization.Momentum));

    /// <summary>Convolution, batch normalisation where the network has any, activation.</summary>
    public Node AppendNormalizedConvolution(
        string name, Node input, int channels, int kernel, int stride, int groups, ActivationKind activation, Node? mixture = null,
        PaddingStyle? padding = null)
    {
        var shape = new Convolution(
            input.Shape.Channels, channels, kernel, stride, groups, padding ?? _architecture.Padding, HasBias: !_architecture.HasNormalization);
        if (mixture is null) _graph.Append($"{name}.conv", shape, input);
        else _graph.Append($"{name}.conv", new ConditionalConvolution(shape, mixture.Shape.Channels), input, mixture);
        if (_architecture.HasNormalization) AppendNormalization($"{name}.norm");
        return _graph.AppendActivation($"{name}.activation", activation);
    }

    /// <summary>The function of a stage's convolutions.</summary>
    public ActivationKind ActivationOf(Stage stage) => stage.Activation ?? _architecture.Activation;

    // Mobile inverted bottleneck with squeeze-excite (EfficientNet paper §4, MnasNet, MobileNetV2).
    private void AppendMBConv(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = _graph.Last;
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
        var input = _graph.Last;
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
        int channels = _graph.Last.Shape.Channels;
        AppendNormalizedConvolution($"{name}.depthwise", channels, stage.Kernel, stride, channels, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.pointwise", stage.Channels, 1, 1, 1, ActivationOf(stage));
    }

    // ResNet (He et al. 2015) Figure 5, left.
    private void AppendBasic(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = _graph.Last;
        AppendNormalizedConvolution($"{name}.first", stage.Channels, stage.Kernel, stride, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.second", stage.Channels, stage.Kernel, 1, 1, ActivationKind.Identity);
        AppendShortcut(name, input, stride, stochasticDepth);
        _graph.AppendActivation($"{name}.activation", ActivationOf(stage));
    }

    // ResNet (He et al. 2015) Figure 5, right, with the stride in the middle convolution as torchvision and NVIDIA have it.
    private void AppendBottleneck(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = _graph.Last;
        int inner = Inner(stage, input);
        AppendNormalizedConvolution($"{name}.reduce", inner, 1, 1, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.spatial", inner, stage.Kernel, stride, 1, ActivationOf(stage));
        AppendNormalizedConvolution($"{name}.expand", stage.Channels, 1, 1, 1, ActivationKind.Identity);
        AppendShortcut(name, input, stride, stochasticDepth);
        _graph.AppendActivation($"{name}.activation", ActivationOf(stage));
    }

    // insightface's arcface_torch, IBasicBlock.
    private void AppendImprovedBasic(string name, Stage stage, int stride, double stochasticDepth)
    {
        var input = _graph.Last;
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
        _graph.Append($"{name}.pool", new GlobalAveragePool());
        _graph.Append($"{name}.flatten", new Flatten());
        _graph.Append($"{name}.linear", new Linear(_graph.Last.Shape.Channels, experts, HasBias: true));
        return _graph.Append($"{name}.gate", new Activation(ActivationKind.Sigmoid));
    }

    // Squeeze-excite (Hu et al. 2018): a gate for each channel from the channels' means. Its convolutions have biases.
    private Node AppendSqueezeExcite(string name, Stage stage, int blockChannels)
    {
        var style = _architecture.SqueezeExcite;
        var input = _graph.Last;
        int channels = input.Shape.Channels;
        double share = (style.Base == SqueezeBase.Inner ? channels : blockChannels) * stage.SqueezeExcite;
        int squeezed = style.Divisor > 1 ? Rounding.Channels(share, divisor: style.Divisor) : Math.Max(1, (int)share);
        _graph.Append($"{name}.pool", new GlobalAveragePool());
        _graph.Append($"{name}.reduce", new Convolution(channels, squeezed, 1, 1, 1, _architecture.Padding, HasBias: true));
        _graph.AppendActivation($"{name}.activation", style.Activation ?? ActivationOf(stage));
        _graph.Append($"{name}.expand", new Convolution(squeezed, channels, 1, 1, 1, _architecture.Padding, HasBias: true));
        var gate = _graph.Append($"{name}.gate", new Activation(style.Gate));
        return _graph.Append($"{name}.scale", new Gate(), input, gate);
    }

    // The input again, where its shape allows it.
    private void AppendSkip(string name, Stage stage, Node input, double stochasticDepth)
    {
        if (!stage.Residual || input.Shape != _graph.Last.Shape) return;
        if (stochasticDepth > 0) _graph.Append($"{name}.stochastic_depth", new StochasticDepth(stochasticDepth));
        _graph.Append($"{name}.add", new Add(), _graph.Last, input);
    }

    // The input again, through a 1×1 convolution where the branch changes its shape or steps.
    private void AppendShortcut(string name, Node input, int stride, double stochasticDepth)
    {
        var branch = _graph.Last;
        if (stochasticDepth > 0) branch = _graph.Append($"{name}.stochastic_depth", new StochasticDepth(stochasticDepth));
        var shortcut = stride == 1 && input.Shape == branch.Shape
            ? input
            : AppendNormalizedConvolution($"{name}.shortcut", input, branch.Shape.Channels, 1, stride, 1, ActivationKind.Identity);
        _graph.Append($"{name}.add", new Add(), branch, shortcut);
    }
}
