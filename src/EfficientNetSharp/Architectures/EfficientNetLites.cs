using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// EfficientNet-Lite 0–4 (tensorflow/tpu <c>efficientnet/lite</c>): no squeeze-excite and ReLU6 for integer arithmetic, stem, head
/// and the outer stages' depth not scaled.
/// </summary>
internal static class EfficientNetLites
{
    private static readonly Architecture Baseline = EfficientNets.B0 with
    {
        Name = "efficientnet_lite0",
        Family = "EfficientNet-Lite",
        Stages = [.. EfficientNets.B0.Stages.Select(stage => stage with { SqueezeExcite = 0 })],
        Activation = ActivationKind.Relu6,
        Scaling = new ScalingRules(FixedStem: true, FixedHead: true, FixedEndDepth: true),
    };

    /// <summary>The TPU repository's resolutions; timm runs 3 and 4 at 300 and 380, which belongs to its weights.</summary>
    private static readonly (double Width, double Depth, int Resolution, double Dropout)[] Table =
    [
        (1.0, 1.0, 224, 0.2),
        (1.0, 1.1, 240, 0.2),
        (1.1, 1.2, 260, 0.3),
        (1.2, 1.4, 280, 0.3),
        (1.4, 1.8, 300, 0.3),
    ];

    public static ImmutableArray<Architecture> All { get; } = Semantics.Both(Table.Select((row, index) =>
        Baseline.Scale(row.Width, row.Depth, row.Resolution) with { Name = $"efficientnet_lite{index}", Dropout = row.Dropout }));
}
