using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// MnasNet-B1 and A1 (Tan et al. 2019, Figure 7; tensorflow/tpu <c>mnasnet</c>), which timm calls <c>mnasnet_100</c> and
/// <c>semnasnet_100</c>; A1 has squeeze-excite.
/// </summary>
internal static class MnasNets
{
    private const BlockKind MBConv = BlockKind.MBConv;

    private static readonly Architecture B1 = EfficientNets.B0 with
    {
        Name = "mnasnet_100",
        Family = "MnasNet",
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0, Residual: false),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 3, Channels: 24, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 3, Channels: 40, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 80, Repeats: 3, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 96, Repeats: 2, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 192, Repeats: 4, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 320, Repeats: 1, SqueezeExcite: 0, Residual: false),
        ],
        Activation = ActivationKind.Relu,
        StochasticDepth = 0,
        Scaling = new ScalingRules(FixedStem: true, FixedHead: true),
    };

    private static readonly Architecture A1 = B1 with
    {
        Name = "semnasnet_100",
        Stages =
        [
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 16, Repeats: 1, SqueezeExcite: 0, Residual: false),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 24, Repeats: 2, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 3, Channels: 40, Repeats: 3, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 2, Expansion: 6, Channels: 80, Repeats: 4, SqueezeExcite: 0),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 112, Repeats: 2, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 5, Stride: 2, Expansion: 6, Channels: 160, Repeats: 3, SqueezeExcite: 0.25),
            new Stage(MBConv, Kernel: 3, Stride: 1, Expansion: 6, Channels: 320, Repeats: 1, SqueezeExcite: 0),
        ],
    };

    public static ImmutableArray<Architecture> All { get; } = Semantics.Both([B1, A1]);
}
