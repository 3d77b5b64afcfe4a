using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Tests.Costs;

/// <summary>Counts of torchvision's <c>num_params</c> (B0–B7) and of the TPU code (B8, L2); multiply-adds counted by hand from its layer list.</summary>
public sealed class PublishedCountsTests
{
    public static TheoryData<string, long, double> Published => new()
    {
        { "b0", 5_288_548, 0.3858 },
        { "b1", 7_794_184, 0.6868 },
        { "b2", 9_109_994, 0.9936 },
        { "b3", 12_233_232, 1.8271 },
        { "b4", 19_341_616, 4.3938 },
        { "b5", 30_389_784, 10.2664 },
        { "b6", 43_040_704, 19.0676 },
        { "b7", 66_347_960, 37.7459 },
        { "b8", 87_413_142, 62.5975 },
        { "l2", 480_309_308, 475.70 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Parameters_are_exact_and_multiply_adds_within_one_per_cent(string variant, long parameters, double gigaMacs)
    {
        foreach (string family in new[] { "efficientnet", "tf_efficientnet" })
        {
            var costs = GraphCosts.Of(ArchitectureRegistry.Get($"{family}_{variant}").Build());
            Assert.Equal(parameters, costs.Parameters);
            Assert.InRange(costs.Macs / 1e9 / gigaMacs, 0.99, 1.01);
        }
    }
}
