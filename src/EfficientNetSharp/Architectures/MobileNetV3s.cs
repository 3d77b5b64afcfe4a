using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// MobileNetV3-Large and Small (Howard et al. 2019, Tables 1 and 2). <c>mobilenet_v3_large</c> is torchvision's (epsilon 1e-3),
/// <c>mobilenetv3_large_100</c> timm's (1e-5), <c>tf_mobilenetv3_large_100</c> TensorFlow's (SAME).
/// </summary>
internal static class MobileNetV3s
{
    private const BlockKind MBConv = BlockKind.MBConv;
    private const ActivationKind Relu = ActivationKind.Relu;

    // Expansions are timm's, which rounded to multiples of eight give the tables' channels: 72, 88, 120, 184, 200 …
    private static readonly Architecture Large = new()
    {
        Name = "mobilenetv3_large_100",
        Family = "MobileNetV3",
        Resolution = 224,
        Stem = new Stem(16),
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0, Activation: Relu),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 24, Repeats: 1, SqueezeExcite: 0, Activation: Relu),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 3, Channels: 24, Repeats: 1, SqueezeExcite: 0, Activation: Relu),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 3, Channels: 40, Repeats: 3, SqueezeExcite: 0.25, Activation: Relu),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 80, Repeats: 1, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 2.5, Channels: 80, Repeats: 1, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 2.3, Channels: 80, Repeats: 2, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 112, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 160, Repeats: 3, SqueezeExcite: 0.25),
        ],
        HeadChannels = 960,
        HiddenFeatures = 1280,
        Padding = PaddingStyle.Symmetric,
        Normalization = Normalization.PyTorch,
        Activation = ActivationKind.HardSwish,
        SqueezeExcite = new SqueezeExciteStyle(SqueezeBase.Inner, Rounding.ChannelDivisor, Relu, ActivationKind.HardSigmoid),
        Dropout = 0.2,
        StochasticDepth = 0,
    };

    private static readonly Architecture Small = Large with
    {
        Name = "mobilenetv3_small_100",
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0.25, Activation: Relu),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 4.5, Channels: 24, Repeats: 1, SqueezeExcite: 0, Activation: Relu),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 3.67, Channels: 24, Repeats: 1, SqueezeExcite: 0, Activation: Relu),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 4, Channels: 40, Repeats: 1, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 1, Expansion: 6, Channels: 40, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 1, Expansion: 3, Channels: 48, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 96, Repeats: 3, SqueezeExcite: 0.25),
        ],
        HeadChannels = 576,
        HiddenFeatures = 1024,
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Semantics.Both([Large, Small]),
        Large with { Name = "mobilenet_v3_large", Normalization = Normalization.TensorFlow },
        Small with { Name = "mobilenet_v3_small", Normalization = Normalization.TensorFlow },
    ];
}
