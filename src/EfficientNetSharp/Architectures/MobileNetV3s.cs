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
            new Stage(MBConv, 3, 1, 1, 16, 1, 0, Relu),
            new Stage(MBConv, 3, 2, 4, 24, 1, 0, Relu),
            new Stage(MBConv, 3, 1, 3, 24, 1, 0, Relu),
            new Stage(MBConv, 5, 2, 3, 40, 3, 0.25, Relu),
            new Stage(MBConv, 3, 2, 6, 80, 1, 0),
            new Stage(MBConv, 3, 1, 2.5, 80, 1, 0),
            new Stage(MBConv, 3, 1, 2.3, 80, 2, 0),
            new Stage(MBConv, 3, 1, 6, 112, 2),
            new Stage(MBConv, 5, 2, 6, 160, 3),
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
            new Stage(MBConv, 3, 2, 1, 16, 1, 0.25, Relu),
            new Stage(MBConv, 3, 2, 4.5, 24, 1, 0, Relu),
            new Stage(MBConv, 3, 1, 3.67, 24, 1, 0, Relu),
            new Stage(MBConv, 5, 2, 4, 40, 1),
            new Stage(MBConv, 5, 1, 6, 40, 2),
            new Stage(MBConv, 5, 1, 3, 48, 2),
            new Stage(MBConv, 5, 2, 6, 96, 3),
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
