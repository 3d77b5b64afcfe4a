using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>MobileNetV1 (Howard et al. 2017, Table 1) and MobileNetV2 (Sandler et al. 2018, Table 2).</summary>
internal static class MobileNets
{
    private const BlockKind Separable = BlockKind.DepthwiseSeparable, MBConv = BlockKind.MBConv;

    private static readonly Architecture V1 = new()
    {
        Name = "mobilenetv1_100",
        Family = "MobileNetV1",
        Resolution = 224,
        Stem = new Stem(32),
        Stages =
        [
            new Stage(Separable, Kernel: 3, Stride: 1, Expansion: 1, Channels: 64, Repeats: 1, SqueezeExcite: 0),
            new Stage(Separable, Kernel: 3, Stride: 2, Expansion: 1, Channels: 128, Repeats: 2, SqueezeExcite: 0),
            new Stage(Separable, Kernel: 3, Stride: 2, Expansion: 1, Channels: 256, Repeats: 2, SqueezeExcite: 0),
            new Stage(Separable, Kernel: 3, Stride: 2, Expansion: 1, Channels: 512, Repeats: 6, SqueezeExcite: 0),
            new Stage(Separable, Kernel: 3, Stride: 2, Expansion: 1, Channels: 1024, Repeats: 2, SqueezeExcite: 0),
        ],
        HeadChannels = 0,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.Relu6,
        Dropout = 0.2,
        StochasticDepth = 0,
    };

    private static readonly Architecture V2 = V1 with
    {
        Name = "mobilenet_v2",
        Family = "MobileNetV2",
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 24, Repeats: 2, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 32, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 64, Repeats: 4, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 96, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 160, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 320, Repeats: 1, SqueezeExcite: 0),
        ],
        HeadChannels = 1280,
        Scaling = new ScalingRules(WideHead: true),
    };

    // timm's "d" variants grow between their ends only.
    private static readonly Architecture V2FixedEnds = V2 with
    {
        Scaling = new ScalingRules(FixedStem: true, FixedHead: true, FixedEndDepth: true),
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Semantics.Both([V1]),
        V2,
        Semantics.TensorFlow(V2) with { Name = "tf_mobilenetv2_100" },
        V2.Scale(0.5, 1, 224) with { Name = "mobilenetv2_050" },
        V2.Scale(1.4, 1, 224) with { Name = "mobilenetv2_140" },
        V2FixedEnds.Scale(1.1, 1.2, 224) with { Name = "mobilenetv2_110d" },
        V2FixedEnds.Scale(1.2, 1.4, 224) with { Name = "mobilenetv2_120d" },
    ];
}
