using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// EfficientNet-EdgeTPU S, M and L (tensorflow/tpu <c>efficientnet/edgetpu</c>), which timm calls <c>es</c>, <c>em</c> and
/// <c>el</c>: fused blocks first, ReLU, no squeeze-excite.
/// </summary>
internal static class EfficientNetEdgeTpus
{
    private static readonly Architecture Baseline = EfficientNets.B0 with
    {
        Name = "efficientnet_es",
        Family = "EfficientNet-EdgeTPU",
        Stages =
        [
            // The first stage expands its own 24 channels fourfold, not the stem's 32.
            new Stage(BlockKind.FusedMBConv, Kernel: 3, Stride: 1, Expansion: 4, Channels: 24, Repeats: 1, SqueezeExcite: 0,
                Residual: false, ExpansionBase: 24),
            new Stage(BlockKind.FusedMBConv, Kernel: 3, Stride: 2, Expansion: 8, Channels: 32, Repeats: 2, SqueezeExcite: 0),
            new Stage(BlockKind.FusedMBConv, Kernel: 3, Stride: 2, Expansion: 8, Channels: 48, Repeats: 4, SqueezeExcite: 0),
            new Stage(BlockKind.MBConv, Kernel: 5, Stride: 2, Expansion: 8, Channels: 96, Repeats: 5, SqueezeExcite: 0),
            new Stage(BlockKind.MBConv, Kernel: 5, Stride: 1, Expansion: 8, Channels: 144, Repeats: 4, SqueezeExcite: 0),
            new Stage(BlockKind.MBConv, Kernel: 5, Stride: 2, Expansion: 8, Channels: 192, Repeats: 2, SqueezeExcite: 0),
        ],
        Activation = ActivationKind.Relu,
    };

    private static readonly (string Variant, double Width, double Depth, int Resolution, double Dropout)[] Table =
    [
        ("es", 1.0, 1.0, 224, 0.2),
        ("em", 1.0, 1.1, 240, 0.2),
        ("el", 1.2, 1.4, 300, 0.3),
    ];

    public static ImmutableArray<Architecture> All { get; } = Semantics.Both(Table.Select(row =>
        Baseline.Scale(row.Width, row.Depth, row.Resolution) with { Name = $"efficientnet_{row.Variant}", Dropout = row.Dropout }));
}
