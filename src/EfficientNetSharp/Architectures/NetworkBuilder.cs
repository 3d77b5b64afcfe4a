using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Turns an architecture's rows into a graph: stem, stages, head.</summary>
internal static class NetworkBuilder
{
    // Beyond these a table is a mistake or an attack, not a network: L2, the largest published, has 88 blocks and 5,504 channels.
    private const int MaxBlocks = 10_000, MaxChannels = 1_000_000, MaxPixels = TensorShape.MaxSide;

    public static Graph Build(Architecture architecture, BuildOptions options)
    {
        Validate(architecture, options);
        var input = TensorShape.Map(options.InputChannels, options.Height ?? architecture.Resolution, options.Width
            ?? architecture.Resolution);
        var blocks = new BlockBuilder(architecture, new GraphBuilder(input));

        AppendStem(architecture, blocks);
        AppendStages(architecture, options.StochasticDepth ?? architecture.StochasticDepth, blocks);
        new HeadBuilder(architecture, blocks).Append(options.Dropout ?? architecture.Dropout, options.Classes);
        return blocks.Graph.Build();
    }

    private static void AppendStem(Architecture architecture, BlockBuilder blocks)
    {
        var stem = architecture.Stem;
        blocks.Graph.Place = new NodePlace(NodeRole.Stem);
        blocks.AppendNormalizedConvolution(
            "stem", blocks.Graph.Last, stem.Channels, stem.Kernel, stem.Stride, 1, stem.Activated ? architecture.Activation : ActivationKind.Identity,
            padding: stem.Padding);
        if (stem.Mixer)
            blocks.AppendNormalizedConvolution("mixer", stem.Channels, 3, 1, stem.Channels / stem.MixerGroupWidth, architecture.Activation);
        if (stem.MaxPool) blocks.Graph.Append("stem.pool", new MaxPool(3, 2, stem.PoolPadding ?? architecture.Padding));
    }

    private static void AppendStages(Architecture architecture, double stochasticDepth, BlockBuilder blocks)
    {
        int block = 0;
        for (int s = 0; s < architecture.Stages.Length; s++)
        {
            var stage = architecture.Stages[s];
            for (int repeat = 0; repeat < stage.Repeats; repeat++, block++)
            {
                int stride = repeat == 0 ? stage.Stride : 1;
                blocks.Graph.Place = new NodePlace(NodeRole.Stage, s, repeat);
                blocks.Append($"stages.{s}.{repeat}", stage, stride, stochasticDepth * block / architecture.BlockCount);
            }
        }
    }

    private static void Validate(Architecture architecture, BuildOptions options)
    {
        Check(options.InputChannels is >= 1 and <= MaxChannels, "input channels", options.InputChannels, $"1 to {MaxChannels}");
        Check((options.Height ?? architecture.Resolution) is >= 1 and <= MaxPixels, "input height", options.Height
            ?? architecture.Resolution, $"1 to {MaxPixels}");
        Check((options.Width ?? architecture.Resolution) is >= 1 and <= MaxPixels, "input width", options.Width ?? architecture.Resolution,
            $"1 to {MaxPixels}");
        Check(options.Classes is >= 0 and <= 100_000_000, "classes", options.Classes, "0 to 100000000");
        Check((options.Dropout ?? architecture.Dropout) is >= 0 and < 1, "dropout", options.Dropout ?? architecture.Dropout, "0 up to 1");
        Check((options.StochasticDepth ?? architecture.StochasticDepth) is >= 0 and < 1, "stochastic depth", options.StochasticDepth
            ?? architecture.StochasticDepth, "0 up to 1");
        Check(architecture.Normalization is { Epsilon: > 0 and < 1, Momentum: > 0 and <= 1 }, "normalisation epsilon and momentum",
            architecture.Normalization, "between 0 and 1");
        Check(architecture.HiddenFeatures is >= 0 and <= MaxChannels, "hidden features", architecture.HiddenFeatures,
            $"0 to {MaxChannels}");
        Check(architecture.Embedding is null or { Features: >= 1 and <= MaxChannels, Rank: >= 0 and < 1 }, "embedding", architecture.Embedding!,
            $"1 to {MaxChannels} features, a rank's share below 1");
        Check(architecture.SqueezeExcite is { Divisor: >= 1 and <= MaxChannels }, "squeeze-excite", architecture.SqueezeExcite,
            "a divisor from 1");
        Check(architecture.Scaling is { ChannelDivisor: >= 1 and <= MaxChannels }, "scaling", architecture.Scaling!,
            $"rules with a channel divisor of 1 to {MaxChannels}");
        Check(architecture.Padding is PaddingStyle.Symmetric or PaddingStyle.Same, "padding", architecture.Padding, "Symmetric or Same");
        Check(Enum.IsDefined(architecture.Activation), "activation", architecture.Activation,
            string.Join(", ", Enum.GetNames<ActivationKind>()));
        Check(architecture.Stem is { Channels: >= 1 and <= MaxChannels, Kernel: >= 1 and <= 31, Stride: >= 1 and <= 8 }, "stem",
            architecture.Stem, "channels, kernel 1 to 31, stride 1 to 8");
        Check(IsKnown(architecture.Stem.Padding) && IsKnown(architecture.Stem.PoolPadding), "stem padding", architecture.Stem,
            string.Join(", ", Enum.GetNames<PaddingStyle>()));
        Check(architecture.Stem.MixerGroupWidth >= 1, "channels per group of the stem's second convolution", architecture.Stem.MixerGroupWidth,
            "at least 1");
        Check(!architecture.Stem.Mixer || architecture.Stem.Channels % architecture.Stem.MixerGroupWidth == 0, "stem channels",
            architecture.Stem.Channels, $"a multiple of the second convolution's {architecture.Stem.MixerGroupWidth} channels per group");
        Check(architecture.HeadChannels is >= 0 and <= MaxChannels, "head channels", architecture.HeadChannels, $"0 to {MaxChannels}");
        Check(!architecture.Stages.IsDefaultOrEmpty, "stages", "none", "at least one");
        long blocks = 0;
        foreach (var stage in architecture.Stages)
        {
            Check(
                stage is { Channels: >= 1 and <= MaxChannels, Kernel: >= 1 and <= 31, Stride: >= 1 and <= 8,
                Expansion: >= 1 / 64.0 and <= 64, Repeats: >= 1, SqueezeExcite: >= 0 and <= 4, Experts: >= 1 and <= 1024,
                ExpansionBase: >= 0 and <= MaxChannels, Groups: >= 1 and <= MaxChannels },
                "stage", stage,
                "channels, kernel 1 to 31, stride 1 to 8, expansion 1/64 to 64, repeats at least 1, squeeze-excite 0 to 4, experts 1 to 1024, groups from 1");
            blocks += stage.Repeats;
        }

        Check(blocks <= MaxBlocks, "number of blocks", blocks, $"at most {MaxBlocks}");

        static bool IsKnown(PaddingStyle? style) => style is null || Enum.IsDefined(style.Value);

        void Check(bool holds, string what, object found, string expected)
        {
            if (!holds) throw new InvalidInputException($"Architecture '{architecture.Name}': {what} is {found}, expected {expected}.");
        }
    }
}
