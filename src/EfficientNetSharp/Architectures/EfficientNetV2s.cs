using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// EfficientNetV2 (Tan and Le 2021; google/automl <c>efficientnetv2</c>): S, M, L, XL and B0–B3, at their evaluation resolution.
/// <c>efficientnet_v2_s</c>, <c>_m</c> and <c>_l</c> are torchvision's, symmetric with epsilon 1e-3; <c>efficientnetv2_…</c> timm's.
/// </summary>
internal static class EfficientNetV2s
{
    private const BlockKind Fused = BlockKind.FusedMBConv, MBConv = BlockKind.MBConv;

    private static readonly Architecture Small = EfficientNets.B0 with
    {
        Name = "efficientnetv2_s",
        Family = "EfficientNetV2",
        Resolution = 384,
        Stem = new Stem(24),
        Stages =
        [
            new Stage(Fused, Kernel: 3, Stride: 1, Expansion: 1, Channels: 24, Repeats: 2, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 48, Repeats: 4, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 64, Repeats: 4, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 128, Repeats: 6, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 160, Repeats: 9, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 256, Repeats: 15, SqueezeExcite: 0.25),
        ],
        HeadChannels = 1280,
        Dropout = 0.2,
        // google/automl rounds to the nearest multiple, without the rule of ten per cent.
        Scaling = new ScalingRules(RoundingLimit: 1),
    };

    private static readonly Architecture Medium = Small with
    {
        Name = "efficientnetv2_m",
        Resolution = 480,
        Stages =
        [
            new Stage(Fused, Kernel: 3, Stride: 1, Expansion: 1, Channels: 24, Repeats: 3, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 48, Repeats: 5, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 80, Repeats: 5, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 160, Repeats: 7, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 176, Repeats: 14, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 304, Repeats: 18, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 512, Repeats: 5, SqueezeExcite: 0.25),
        ],
        Dropout = 0.3,
    };

    private static readonly Architecture Large = Small with
    {
        Name = "efficientnetv2_l",
        Resolution = 480,
        Stem = new Stem(32),
        Stages =
        [
            new Stage(Fused, Kernel: 3, Stride: 1, Expansion: 1, Channels: 32, Repeats: 4, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 64, Repeats: 7, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 96, Repeats: 7, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 192, Repeats: 10, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 224, Repeats: 19, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 384, Repeats: 25, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 640, Repeats: 7, SqueezeExcite: 0.25),
        ],
        Dropout = 0.4,
    };

    private static readonly Architecture ExtraLarge = Large with
    {
        Name = "efficientnetv2_xl",
        Resolution = 512,
        Stages =
        [
            new Stage(Fused, Kernel: 3, Stride: 1, Expansion: 1, Channels: 32, Repeats: 4, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 64, Repeats: 8, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 96, Repeats: 8, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 192, Repeats: 16, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 256, Repeats: 24, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 512, Repeats: 32, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 640, Repeats: 8, SqueezeExcite: 0.25),
        ],
    };

    private static readonly Architecture Base = Small with
    {
        Name = "efficientnetv2_b0",
        Resolution = 224,
        Stem = new Stem(32),
        Stages =
        [
            new Stage(Fused, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 32, Repeats: 2, SqueezeExcite: 0),
            new Stage(Fused, Kernel: 3, Stride: 2, Expansion: 4, Channels: 48, Repeats: 2, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 96, Repeats: 3, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 112, Repeats: 5, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 192, Repeats: 8, SqueezeExcite: 0.25),
        ],
    };

    private static readonly (double Width, double Depth, int Resolution, double Dropout)[] BaseTable =
    [
        (1.0, 1.0, 224, 0.2),
        (1.0, 1.1, 240, 0.2),
        (1.1, 1.2, 260, 0.3),
        (1.2, 1.4, 300, 0.3),
    ];

    private static readonly ImmutableArray<Architecture> Timm =
    [
        Small, Medium, Large, ExtraLarge,
        .. BaseTable.Select((row, index) => Base.Scale(row.Width, row.Depth, row.Resolution) with { Name = $"efficientnetv2_b{index}",
        Dropout = row.Dropout }),
    ];

    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Semantics.Both(Timm),
        .. new[] { Small, Medium, Large }.Select(architecture => architecture with
        {
            Name = architecture.Name.Replace("efficientnetv2", "efficientnet_v2", StringComparison.Ordinal),
            Normalization = Normalization.TorchvisionEfficientNetV2,
        }),
    ];
}
