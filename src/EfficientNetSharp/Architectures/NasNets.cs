using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// NASNet-A (4 @ 1056), "Mobile", and (6 @ 4032), "Large" (Zoph et al. 2018, Table 2; tensorflow/models <c>nasnet.py</c>): names as in
/// pretrained-models.pytorch and timm.
/// </summary>
internal static class NasNets
{
    private static readonly Architecture Mobile = new()
    {
        Name = "nasnetamobile",
        Family = "NASNet",
        Resolution = 224,
        Stem = new Stem(32, Padding: PaddingStyle.None, Activated: false),
        Stages = Rows(filters: 44, repeats: 4, handsOnEarlier: false),
        HeadChannels = 0,
        Padding = PaddingStyle.Same,
        // TensorFlow's batch_norm_decay of 0.9997.
        Normalization = new Normalization(1e-3, 3e-4),
        Activation = ActivationKind.Relu,
        ActivatesLastMap = true,
        Dropout = 0.5,
        StochasticDepth = 0,
    };

    public static ImmutableArray<Architecture> All { get; } =
    [
        Mobile,
        Mobile with
        {
            Name = "nasnetalarge", Resolution = 331, Stem = Mobile.Stem with { Channels = 96 },
            Stages = Rows(filters: 168, repeats: 6, handsOnEarlier: true),
        },
    ];

    // Filters double with each reduction; two reductions of a quarter and a half of them follow the stem.
    private static ImmutableArray<Stage> Rows(int filters, int repeats, bool handsOnEarlier) =>
    [
        Reduction(filters / 4, false), Reduction(filters / 2, false), Normal(filters, repeats),
        Reduction(2 * filters, handsOnEarlier), Normal(2 * filters, repeats),
        Reduction(4 * filters, handsOnEarlier), Normal(4 * filters, repeats),
    ];

    private static Stage Reduction(int filters, bool handsOnEarlier) => new(
        BlockKind.NasReduction, Kernel: 3, Stride: 2, Expansion: 1, Channels: 4 * filters, Repeats: 1, SqueezeExcite: 0,
        HandsOnEarlier: handsOnEarlier);

    private static Stage Normal(int filters, int repeats) => new(
        BlockKind.NasNormal, Kernel: 3, Stride: 1, Expansion: 1, Channels: 6 * filters, Repeats: repeats, SqueezeExcite: 0);
}
