using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Tests.Costs;

/// <summary>Scaled baselines of the paper's Tables 3 and 7: counts of an independent layer list, to the digit in parameters.</summary>
public sealed class ScaledCountsTests
{
    [Theory]
    [InlineData("mobilenetv1_100", 2, 1, 224, 14_742_120, 2.216)]
    [InlineData("mobilenetv1_100", 1, 1, 448, 4_231_976, 2.272)]
    [InlineData("mobilenetv1_100", 1.2, 1.4, 291, 8_677_512, 2.470)]
    [InlineData("mobilenet_v2", 1, 4, 224, 12_051_800, 1.220)]
    [InlineData("mobilenet_v2", 2, 1, 224, 11_258_088, 1.137)]
    [InlineData("mobilenet_v2", 1, 1, 448, 3_504_872, 1.199)]
    [InlineData("mobilenet_v2", 1.2, 1.4, 291, 7_987_552, 1.442)]
    [InlineData("resnet50", 1, 4, 224, 89_824_040, 14.571)]
    [InlineData("resnet50", 2, 1, 224, 98_004_072, 16.117)]
    [InlineData("resnet50", 1, 1, 448, 25_557_032, 16.351)]
    [InlineData("resnet50", 1.2, 1.4, 291, 54_887_592, 15.9)]
    [InlineData("efficientnet_b0", 1, 4, 224, null, 1.575)]
    [InlineData("efficientnet_b0", 2, 1, 224, null, 1.450)]
    [InlineData("efficientnet_b0", 1, 1, 448, 5_288_548, 1.538)]
    [InlineData("efficientnet_b0", 1.2, 1.4, 291, 12_233_232, 1.80)]
    public void Scaling_gives_the_counted_networks(string baseline, double width, double depth, int resolution, int? parameters,
        double gigaMacs)
    {
        var costs = GraphCosts.Of(ArchitectureRegistry.Get(baseline).Scale(width, depth, resolution).Build());
        if (parameters is { } exact) Assert.Equal(exact, costs.Parameters);
        Assert.InRange(costs.Macs / 1e9 / gigaMacs, 0.99, 1.01);
    }
}
