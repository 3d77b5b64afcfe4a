using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Appends blocks that join, part and shuffle channels.</summary>
internal sealed class ChannelBlocks(BlockBuilder blocks, Architecture architecture)
{
    private readonly GraphBuilder _graph = blocks.Graph;

    // SqueezeNet (Iandola et al. 2016) §3.2. The number of windows of its poolings is rounded up.
    public void AppendFire(string name, Stage stage, int stride)
    {
        if (stride > 1) _graph.Append($"{name}.pool", new MaxPool(3, stride, PaddingStyle.RoundedUp));
        var activation = blocks.ActivationOf(stage);
        int squeezed = Math.Max(1, (int)Math.Round(stage.Channels * stage.Expansion)), wide = stage.Channels / 2;
        var inner = blocks.AppendNormalizedConvolution($"{name}.squeeze", _graph.Last, squeezed, 1, 1, 1, activation);
        var narrow = blocks.AppendNormalizedConvolution($"{name}.expand1x1", inner, stage.Channels - wide, 1, 1, 1, activation);
        var spatial = blocks.AppendNormalizedConvolution($"{name}.expand3x3", inner, wide, stage.Kernel, 1, 1, activation);
        _graph.Append($"{name}.concat", new Concatenation(2), narrow, spatial);
    }

    // ShuffleNet (Zhang et al. 2017) Figure 2, as its authors' code has it (megvii-model/ShuffleNet-Series, ShuffleNetV1/blocks.py): the
    // shuffle comes after the depthwise convolution and deals C/G groups, and the function before the concatenation.
    public void AppendShuffle(string name, Stage stage, int stride)
    {
        var input = _graph.Last;
        var activation = blocks.ActivationOf(stage);
        int groups = stage.Groups, inner = Multiple(stage.Channels / 4, groups);
        int channels = input.Shape.Channels;
        if (channels % groups != 0)
            throw new InvalidInputException(
                $"Architecture '{architecture.Name}': {name} takes {channels} channels, expected a multiple of its {groups} groups.");

        // Beside the input's mean the branch adds channels, and at least one for each group.
        bool isJoined = stride > 1 || channels < stage.Channels;
        int outputs = isJoined ? Multiple(stage.Channels - channels, groups) : channels;

        // The first has so few channels that groups would hide most of them.
        bool isFirst = _graph.Place is { Stage: 0, Block: 0 };
        blocks.AppendNormalizedConvolution($"{name}.reduce", input, inner, 1, 1, isFirst ? 1 : groups, activation);
        blocks.AppendNormalizedConvolution($"{name}.depthwise", inner, stage.Kernel, stride, inner, ActivationKind.Identity);
        if (groups > 1) _graph.Append($"{name}.shuffle", new ChannelShuffle(inner / groups));
        var branch = blocks.AppendNormalizedConvolution($"{name}.expand", outputs, 1, 1, groups, ActivationKind.Identity);
        if (!isJoined)
        {
            _graph.Append($"{name}.add", new Add(), branch, input);
            _graph.AppendActivation($"{name}.activation", activation);
            return;
        }

        branch = _graph.AppendActivation($"{name}.activation", activation);
        var mean = _graph.Append(
            $"{name}.pool", new AveragePool(3, stride, architecture.Padding) { CountsPadding = architecture.CountsPadding }, input);
        _graph.Append($"{name}.concat", new Concatenation(2), mean, branch);
    }

    // ShuffleNetV2 (Ma et al. 2018) Figure 3 (c) and (d).
    public void AppendSplitShuffle(string name, Stage stage, int stride)
    {
        var input = _graph.Last;
        int half = stage.Channels / 2;
        var activation = blocks.ActivationOf(stage);
        if (stage.Channels % 2 != 0)
            throw new InvalidInputException($"Architecture '{architecture.Name}': {name} has {stage.Channels} channels, expected an even number.");
        bool isSplit = stride == 1 && input.Shape.Channels == stage.Channels;
        Node kept, source;
        if (isSplit)
        {
            kept = _graph.Append($"{name}.kept", new ChannelSlice(0, half), input);
            source = _graph.Append($"{name}.taken", new ChannelSlice(half, half), input);
        }
        else
        {
            int channels = input.Shape.Channels;
            blocks.AppendNormalizedConvolution($"{name}.side.depthwise", input, channels, stage.Kernel, stride, channels, ActivationKind.Identity);
            kept = blocks.AppendNormalizedConvolution($"{name}.side.pointwise", half, 1, 1, 1, activation);
            source = input;
        }

        blocks.AppendNormalizedConvolution($"{name}.expand", source, half, 1, 1, 1, activation);
        blocks.AppendNormalizedConvolution($"{name}.depthwise", half, stage.Kernel, stride, half, ActivationKind.Identity);
        var branch = blocks.AppendNormalizedConvolution($"{name}.project", half, 1, 1, 1, activation);
        _graph.Append($"{name}.concat", new Concatenation(2), kept, branch);
        _graph.Append($"{name}.shuffle", new ChannelShuffle(2));
    }

    private static int Multiple(int channels, int groups) => Math.Max(groups, channels / groups * groups);
}
