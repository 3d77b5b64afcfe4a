using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// EfficientNet B0–B8 and L2 (Tan and Le 2019; Xie et al. 2020), each in both semantics: <c>efficientnet_b0</c> pads
/// symmetrically with epsilon 1e-5 as PyTorch-trained weights want it, <c>tf_efficientnet_b0</c> pads as TensorFlow's SAME
/// with epsilon 1e-3.
/// </summary>
internal static class EfficientNets
{
    private const BlockKind MBConv = BlockKind.MBConv;

    /// <summary>The baseline found by search: Table 1 of the paper. Scaling starts here.</summary>
    private static readonly Architecture Baseline = new()
    {
        Name = "efficientnet_b0",
        Family = "EfficientNet",
        Resolution = 224,
        Stem = new Stem(32),
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 24, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 40, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 80, Repeats: 3, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 1, Expansion: 6, Channels: 112, Repeats: 3, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 192, Repeats: 4, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 320, Repeats: 1, SqueezeExcite: 0.25),
        ],
        HeadChannels = 1280,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Dropout = 0.2,
    };

    /// <summary>
    /// Width, depth, resolution and dropout as the TPU code ships them. They are data: φ in the paper's formula gives them only
    /// roughly.
    /// </summary>
    private static readonly (string Variant, double Width, double Depth, int Resolution, double Dropout)[] Table =
    [
        ("b0", 1.0, 1.0, 224, 0.2),
        ("b1", 1.0, 1.1, 240, 0.2),
        ("b2", 1.1, 1.2, 260, 0.3),
        ("b3", 1.2, 1.4, 300, 0.3),
        ("b4", 1.4, 1.8, 380, 0.4),
        ("b5", 1.6, 2.2, 456, 0.4),
        ("b6", 1.8, 2.6, 528, 0.5),
        ("b7", 2.0, 3.1, 600, 0.5),
        ("b8", 2.2, 3.6, 672, 0.5),
        ("l2", 4.3, 5.3, 800, 0.5),
    ];

    /// <summary>All of the family.</summary>
    public static ImmutableArray<Architecture> All { get; } =
        Semantics.Both(Table.Select(row => Variant(row.Variant, row.Width, row.Depth, row.Resolution, row.Dropout)));

    /// <summary>The baseline, for families that begin with it.</summary>
    internal static Architecture B0 => Baseline;

    private static Architecture Variant(string variant, double width, double depth, int resolution, double dropout) =>
        Baseline.Scale(width, depth, resolution) with { Name = $"efficientnet_{variant}", Dropout = dropout };
}
