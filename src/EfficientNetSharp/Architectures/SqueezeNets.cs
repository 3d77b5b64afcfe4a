using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>SqueezeNet 1.0 (Iandola et al. 2016, Table 1) and 1.1 (forresti/SqueezeNet, SqueezeNet_v1.1).</summary>
internal static class SqueezeNets
{
    // Of the output's channels, an eighth is squeezed to: the squeeze ratio of the paper's §5.
    private const double Squeezed = 0.125;

    private static readonly Architecture V10 = new()
    {
        Name = "squeezenet1_0",
        Family = "SqueezeNet",
        Resolution = 224,
        Stem = new Stem(96, Kernel: 7, MaxPool: true, Padding: PaddingStyle.None, PoolPadding: PaddingStyle.RoundedUp),
        Stages = [Row(1, 128, 2), Row(1, 256, 1), Row(2, 256, 1), Row(1, 384, 2), Row(1, 512, 1), Row(2, 512, 1)],
        HeadChannels = 0,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        HasNormalization = false,
        ClassifiesMap = true,
        Activation = ActivationKind.Relu,
        Dropout = 0.5,
        StochasticDepth = 0,
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        V10,
        V10 with
        {
            Name = "squeezenet1_1",
            Stem = V10.Stem with { Channels = 64, Kernel = 3 },
            Stages = [Row(1, 128, 2), Row(2, 256, 2), Row(2, 384, 2), Row(1, 512, 2)],
        },
    ];

    private static Stage Row(int stride, int channels, int repeats) => new(
        BlockKind.Fire, Kernel: 3, Stride: stride, Expansion: Squeezed, Channels: channels, Repeats: repeats, SqueezeExcite: 0);
}
