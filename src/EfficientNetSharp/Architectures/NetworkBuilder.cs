using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Turns an architecture's rows into a graph: stem, stages, head.</summary>
internal static class NetworkBuilder
{
    // Beyond these a table is a mistake or an attack, not a network: L2, the largest published, has 88 blocks and 5,504 channels.
    private const int MostBlocks = 10_000, MostChannels = 1_000_000, MostPixels = 65_536;

    public static Graph Build(Architecture architecture, BuildOptions options)
    {
        Validate(architecture, options);
        var input = TensorShape.Map(options.InputChannels, options.Height ?? architecture.Resolution, options.Width ?? architecture.Resolution);
        var blocks = new BlockBuilder(architecture, new GraphBuilder(input));

        blocks.AppendNormalizedConvolution(
            "stem", architecture.Stem.Channels, architecture.Stem.Kernel, architecture.Stem.Stride, 1, architecture.Activation);
        AppendStages(architecture, options.StochasticDepth ?? architecture.StochasticDepth, blocks);
        blocks.AppendNormalizedConvolution("head", architecture.HeadChannels, 1, 1, 1, architecture.Activation);
        AppendClassifier(blocks.Graph, options.Dropout ?? architecture.Dropout, options.Classes);
        return blocks.Graph.Build();
    }

    private static void AppendStages(Architecture architecture, double stochasticDepth, BlockBuilder blocks)
    {
        int block = 0;
        for (int s = 0; s < architecture.Stages.Length; s++)
        {
            var stage = architecture.Stages[s];
            for (int repeat = 0; repeat < stage.Repeats; repeat++, block++)
            {
                string name = $"stages.{s}.{repeat}";
                int stride = repeat == 0 ? stage.Stride : 1;
                double rate = stochasticDepth * block / architecture.BlockCount;
                switch (stage.Block)
                {
                    case BlockKind.MBConv:
                        blocks.AppendMBConv(name, stage, stride, rate);
                        break;
                    default:
                        throw new InvalidInputException($"Architecture '{architecture.Name}' names an unknown block kind {(int)stage.Block}.");
                }
            }
        }
    }

    private static void AppendClassifier(GraphBuilder graph, double dropout, int classes)
    {
        graph.Append("pool", new GlobalAveragePool());
        graph.Append("flatten", new Flatten());
        if (classes == 0) return;
        if (dropout > 0) graph.Append("dropout", new Dropout(dropout));
        graph.Append("classifier", new Linear(graph.Last.Shape.Channels, classes, HasBias: true));
    }

    private static void Validate(Architecture architecture, BuildOptions options)
    {
        Check(options.InputChannels is >= 1 and <= MostChannels, "input channels", options.InputChannels, $"1 to {MostChannels}");
        Check((options.Height ?? architecture.Resolution) is >= 1 and <= MostPixels, "input height", options.Height ?? architecture.Resolution, $"1 to {MostPixels}");
        Check((options.Width ?? architecture.Resolution) is >= 1 and <= MostPixels, "input width", options.Width ?? architecture.Resolution, $"1 to {MostPixels}");
        Check(options.Classes is >= 0 and <= 100_000_000, "classes", options.Classes, "0 to 100000000");
        Check((options.Dropout ?? architecture.Dropout) is >= 0 and < 1, "dropout", options.Dropout ?? architecture.Dropout, "0 up to 1");
        Check((options.StochasticDepth ?? architecture.StochasticDepth) is >= 0 and < 1, "stochastic depth", options.StochasticDepth ?? architecture.StochasticDepth, "0 up to 1");
        Check(architecture.Normalization is { Epsilon: > 0 and < 1, Momentum: > 0 and <= 1 }, "normalisation epsilon and momentum", architecture.Normalization, "between 0 and 1");
        Check(Enum.IsDefined(architecture.Padding), "padding", architecture.Padding, "Symmetric or Same");
        Check(Enum.IsDefined(architecture.Activation), "activation", architecture.Activation, string.Join(", ", Enum.GetNames<ActivationKind>()));
        Check(architecture.Stem is { Channels: >= 1 and <= MostChannels, Kernel: >= 1 and <= 31, Stride: >= 1 and <= 8 }, "stem", architecture.Stem, "channels, kernel 1 to 31, stride 1 to 8");
        Check(architecture.HeadChannels is >= 1 and <= MostChannels, "head channels", architecture.HeadChannels, $"1 to {MostChannels}");
        Check(!architecture.Stages.IsDefaultOrEmpty, "stages", "none", "at least one");
        long blocks = 0;
        foreach (var stage in architecture.Stages)
        {
            Check(
                stage is { Channels: >= 1 and <= MostChannels, Kernel: >= 1 and <= 31, Stride: >= 1 and <= 8, Expansion: > 0 and <= 64, Repeats: >= 1, SqueezeExcite: >= 0 and <= 4 },
                "stage", stage, "channels, kernel 1 to 31, stride 1 to 8, expansion up to 64, repeats at least 1, squeeze-excite 0 to 4");
            blocks += stage.Repeats;
        }

        Check(blocks <= MostBlocks, "number of blocks", blocks, $"at most {MostBlocks}");

        void Check(bool holds, string what, object found, string expected)
        {
            if (!holds) throw new InvalidInputException($"Architecture '{architecture.Name}': {what} is {found}, expected {expected}.");
        }
    }
}
