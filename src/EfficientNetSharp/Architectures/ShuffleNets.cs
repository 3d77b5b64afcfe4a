using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// ShuffleNet with three groups (Zhang et al. 2017, Table 1; channels of the widths as in megvii-model/ShuffleNet-Series) and ShuffleNetV2
/// (Ma et al. 2018, Table 5; names as in torchvision).
/// </summary>
internal static class ShuffleNets
{
    private const int Groups = 3;

    private static readonly int[] Repeats = [4, 8, 4];

    private static readonly Architecture V2 = new()
    {
        Name = "shufflenet_v2_x1_0",
        Family = "ShuffleNetV2",
        Resolution = 224,
        Stem = new Stem(24, MaxPool: true),
        Stages = Rows(BlockKind.SplitShuffle, 1, [116, 232, 464]),
        HeadChannels = 1024,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.Relu,
        Dropout = 0,
        StochasticDepth = 0,
        Scaling = new ScalingRules(WideHead: true),
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        First("0_5", 12, [120, 240, 480]), First("1_0", 24, [240, 480, 960]), First("1_5", 24, [360, 720, 1440]),
        First("2_0", 48, [480, 960, 1920]),
        V2 with { Name = "shufflenet_v2_x0_5", Stages = Rows(BlockKind.SplitShuffle, 1, [48, 96, 192]) },
        V2,
        V2 with { Name = "shufflenet_v2_x1_5", Stages = Rows(BlockKind.SplitShuffle, 1, [176, 352, 704]) },
        V2 with { Name = "shufflenet_v2_x2_0", Stages = Rows(BlockKind.SplitShuffle, 1, [244, 488, 976]), HeadChannels = 2048 },
    ];

    // The authors' classifier has no bias.
    private static Architecture First(string width, int stem, int[] channels) => V2 with
    {
        Name = $"shufflenet_v1_x{width}_g{Groups}",
        Family = "ShuffleNet",
        Stem = new Stem(stem, MaxPool: true),
        Stages = Rows(BlockKind.Shuffle, Groups, channels),
        HeadChannels = 0,
        HasClassifierBias = false,
        CountsPadding = true,
        Scaling = new ScalingRules(ChannelDivisor: Groups * Rounding.ChannelDivisor),
    };

    private static ImmutableArray<Stage> Rows(BlockKind block, int groups, int[] channels) => [.. channels.Select((width, index) => new Stage(
        block, Kernel: 3, Stride: 2, Expansion: 1, Channels: width, Repeats: Repeats[index], SqueezeExcite: 0, Groups: groups))];
}
