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
            new Stage(Fused, 3, 1, 1, 24, 2, 0),
            new Stage(Fused, 3, 2, 4, 48, 4, 0),
            new Stage(Fused, 3, 2, 4, 64, 4, 0),
            new Stage(MBConv, 3, 2, 4, 128, 6),
            new Stage(MBConv, 3, 1, 6, 160, 9),
            new Stage(MBConv, 3, 2, 6, 256, 15),
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
            new Stage(Fused, 3, 1, 1, 24, 3, 0),
            new Stage(Fused, 3, 2, 4, 48, 5, 0),
            new Stage(Fused, 3, 2, 4, 80, 5, 0),
            new Stage(MBConv, 3, 2, 4, 160, 7),
            new Stage(MBConv, 3, 1, 6, 176, 14),
            new Stage(MBConv, 3, 2, 6, 304, 18),
            new Stage(MBConv, 3, 1, 6, 512, 5),
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
            new Stage(Fused, 3, 1, 1, 32, 4, 0),
            new Stage(Fused, 3, 2, 4, 64, 7, 0),
            new Stage(Fused, 3, 2, 4, 96, 7, 0),
            new Stage(MBConv, 3, 2, 4, 192, 10),
            new Stage(MBConv, 3, 1, 6, 224, 19),
            new Stage(MBConv, 3, 2, 6, 384, 25),
            new Stage(MBConv, 3, 1, 6, 640, 7),
        ],
        Dropout = 0.4,
    };

    private static readonly Architecture ExtraLarge = Large with
    {
        Name = "efficientnetv2_xl",
        Resolution = 512,
        Stages =
        [
            new Stage(Fused, 3, 1, 1, 32, 4, 0),
            new Stage(Fused, 3, 2, 4, 64, 8, 0),
            new Stage(Fused, 3, 2, 4, 96, 8, 0),
            new Stage(MBConv, 3, 2, 4, 192, 16),
            new Stage(MBConv, 3, 1, 6, 256, 24),
            new Stage(MBConv, 3, 2, 6, 512, 32),
            new Stage(MBConv, 3, 1, 6, 640, 8),
        ],
    };

    private static readonly Architecture Base = Small with
    {
        Name = "efficientnetv2_b0",
        Resolution = 224,
        Stem = new Stem(32),
        Stages =
        [
            new Stage(Fused, 3, 1, 1, 16, 1, 0),
            new Stage(Fused, 3, 2, 4, 32, 2, 0),
            new Stage(Fused, 3, 2, 4, 48, 2, 0),
            new Stage(MBConv, 3, 2, 4, 96, 3),
            new Stage(MBConv, 3, 1, 6, 112, 5),
            new Stage(MBConv, 3, 2, 6, 192, 8),
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
        .. BaseTable.Select((row, index) => Base.Scale(row.Width, row.Depth, row.Resolution) with { Name = $"efficientnetv2_b{index}", Dropout = row.Dropout }),
    ];

    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Semantics.Both(Timm),
        .. new[] { Small, Medium, Large }.Select(architecture => architecture with
        {
            Name = architecture.Name.Replace("efficientnetv2", "efficientnet_v2", StringComparison.Ordinal),
            Normalization = new Normalization(1e-3, 0.1),
        }),
    ];
}
