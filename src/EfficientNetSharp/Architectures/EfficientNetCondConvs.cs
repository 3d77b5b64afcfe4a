using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// EfficientNet-CondConv (Yang et al. 2019; tensorflow/tpu <c>efficientnet/condconv</c>): the last three stages mix the kernels of
/// 4 or 8 experts for each image.
/// </summary>
internal static class EfficientNetCondConvs
{
    private const int MixedStages = 3;

    private static readonly (string Variant, double Depth, int Resolution, double Dropout, int Experts)[] Table =
    [
        ("b0_4e", 1.0, 224, 0.2, 4),
        ("b0_8e", 1.0, 224, 0.2, 8),
        ("b1_8e", 1.1, 240, 0.2, 8),
    ];

    public static ImmutableArray<Architecture> All { get; } =
        Semantics.Both(Table.Select(row => Variant(row.Experts, row.Depth, row.Resolution) with
    {
        Name = $"efficientnet_cc_{row.Variant}",
        Family = "EfficientNet-CondConv",
        Dropout = row.Dropout,
    }));

    private static Architecture Variant(int experts, double depth, int resolution)
    {
        var scaled = EfficientNets.B0.Scale(1, depth, resolution);
        int plain = scaled.Stages.Length - MixedStages;
        return scaled with
        {
            Stages = [.. scaled.Stages.Select((stage, index) => index < plain ? stage : stage with { Experts = experts })],
        };
    }
}
