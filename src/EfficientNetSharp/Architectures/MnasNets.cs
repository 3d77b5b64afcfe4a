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
            new Stage(MBConv, 3, 1, 1, 16, 1, 0, Residual: false),
            new Stage(MBConv, 3, 2, 3, 24, 3, 0),
            new Stage(MBConv, 5, 2, 3, 40, 3, 0),
            new Stage(MBConv, 5, 2, 6, 80, 3, 0),
            new Stage(MBConv, 3, 1, 6, 96, 2, 0),
            new Stage(MBConv, 5, 2, 6, 192, 4, 0),
            new Stage(MBConv, 3, 1, 6, 320, 1, 0, Residual: false),
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
            new Stage(MBConv, 3, 1, 1, 16, 1, 0, Residual: false),
            new Stage(MBConv, 3, 2, 6, 24, 2, 0),
            new Stage(MBConv, 5, 2, 3, 40, 3),
            new Stage(MBConv, 3, 2, 6, 80, 4, 0),
            new Stage(MBConv, 3, 1, 6, 112, 2),
            new Stage(MBConv, 5, 2, 6, 160, 3),
            new Stage(MBConv, 3, 1, 6, 320, 1, 0),
        ],
    };

    public static ImmutableArray<Architecture> All { get; } = Semantics.Both([B1, A1]);
}
