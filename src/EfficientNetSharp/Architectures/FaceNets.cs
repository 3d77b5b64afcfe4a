using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// Networks for recognition at 112×112 with an embedding of 512 features, as insightface's arcface_torch has them: iResNet-18, 34,
/// 50, 100 and 200 (there <c>r18</c> …) and MobileFaceNet (there <c>mbf</c>).
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

    private static readonly Architecture MobileFaceNet = new()
    {
        Name = "mobilefacenet",
        Family = "MobileFaceNet",
        Resolution = 112,
        Stem = new Stem(128, Mixer: true),
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 1, Channels: 128, Repeats: 1, SqueezeExcite: 0,
                Residual: false, AlwaysExpand: true),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 128, Repeats: 4, SqueezeExcite: 0, AlwaysExpand: true),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 2, Channels: 256, Repeats: 1, SqueezeExcite: 0, Residual: false),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 256, Repeats: 6, SqueezeExcite: 0, AlwaysExpand: true),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 2, Channels: 256, Repeats: 1, SqueezeExcite: 0, Residual: false),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 256, Repeats: 2, SqueezeExcite: 0, AlwaysExpand: true),
        ],
        HeadChannels = 512,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.PRelu,
        Dropout = 0,
        StochasticDepth = 0,
        Embedding = new EmbeddingHead(EmbeddingKind.GlobalDepthwise),
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
        MobileFaceNet,
    ];
}
