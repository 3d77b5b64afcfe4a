using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// Networks for recognition at 112×112: with an embedding of 512 features, as insightface's arcface_torch has them, iResNet-18, 34, 50,
/// 100 and 200 (there <c>r18</c> …) and a MobileFaceNet of twice the width (there <c>mbf</c>); with 128, MobileFaceNet as in its paper and
/// with ReLU6.
/// </summary>
internal static class FaceNets
{
    private const BlockKind MBConv = BlockKind.MBConv;

    private static readonly (int Layers, int[] Repeats)[] Table =
    [
        (18, [2, 2, 2, 2]),
        (34, [3, 4, 6, 3]),
        (50, [3, 4, 14, 3]),
        (100, [3, 13, 30, 3]),
        (200, [6, 26, 60, 6]),
    ];

    // insightface's has twice the paper's channels, and half the expansion of what does not step.
    private static readonly Architecture Wide = new()
    {
        Name = "mobilefacenet",
        Family = "MobileFaceNet",
        Resolution = 112,
        Stem = new Stem(128, Mixer: true),
        Stages = Bottlenecks(channels: 128, steps: [1, 2, 2], expansion: 1),
        HeadChannels = 512,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.PRelu,
        Dropout = 0,
        StochasticDepth = 0,
        Embedding = new EmbeddingHead(EmbeddingKind.GlobalDepthwise),
    };

    // Chen et al. 2018, Table 1.
    private static readonly Architecture Paper = Wide with
    {
        Name = "mobilefacenet_100",
        Stem = new Stem(64, Mixer: true, MixerGroupWidth: 1),
        Stages = Bottlenecks(channels: 64, steps: [2, 4, 4], expansion: 2),
        Embedding = Wide.Embedding! with { Features = 128 },
    };

    // foamliu/MobileFaceNet: a depthwise separable block instead of the depthwise convolution, and a bias in the last layer.
    private static readonly Architecture Relu6 = Paper with
    {
        Name = "mobilefacenet_relu6",
        Stem = new Stem(64),
        Stages =
        [
            new Stage(BlockKind.DepthwiseSeparable, Kernel: 3, Stride: 1, Expansion: 1, Channels: 64, Repeats: 1, SqueezeExcite: 0,
                Activation: ActivationKind.Relu),
            .. Paper.Stages,
        ],
        Activation = ActivationKind.Relu6,
        Embedding = Paper.Embedding! with { HasBias = true },
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Table.Select(row => new Architecture
        {
            Name = $"iresnet{row.Layers}",
            Family = "iResNet",
            Resolution = 112,
            Stem = new Stem(64, Stride: 1),
            Stages = [.. row.Repeats.Select((repeats, index) => new Stage(
                BlockKind.ImprovedBasic, Kernel: 3, Stride: 2, Expansion: 1, Channels: 64 << index, Repeats: repeats, SqueezeExcite: 0))],
            HeadChannels = 0,
            Padding = PaddingStyle.Symmetric,
            Normalization = Normalization.PyTorch,
            Activation = ActivationKind.PRelu,
            Dropout = 0,
            StochasticDepth = 0,
            Embedding = new EmbeddingHead(EmbeddingKind.Flattened),
        }),
        Wide, Paper, Relu6,
    ];

    // Three times a block that steps, which adds nothing, then those that repeat.
    private static ImmutableArray<Stage> Bottlenecks(int channels, double[] steps, double expansion) =>
    [
        Step(steps[0], channels), Repeated(expansion, channels, 4),
        Step(steps[1], 2 * channels), Repeated(expansion, 2 * channels, 6),
        Step(steps[2], 2 * channels), Repeated(expansion, 2 * channels, 2),
    ];

    private static Stage Step(double expansion, int channels) => new(
        MBConv, Kernel: 3, Stride: 2, expansion, channels, Repeats: 1, SqueezeExcite: 0, Residual: false, AlwaysExpand: expansion == 1);

    private static Stage Repeated(double expansion, int channels, int repeats) => new(
        MBConv, Kernel: 3, Stride: 1, expansion, channels, repeats, SqueezeExcite: 0, AlwaysExpand: expansion == 1);
}
