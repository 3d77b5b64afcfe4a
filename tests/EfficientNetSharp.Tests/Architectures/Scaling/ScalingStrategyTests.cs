using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Tests.Architectures.Scaling;

public sealed class ScalingStrategyTests
{
    public static TheoryData<string> Names => [.. ScalingStrategy.All.Select(strategy => strategy.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Phi_counts_doublings_and_0_changes_nothing(string name)
    {
        var strategy = ScalingStrategy.Get(name);
        Assert.Equal((1, 1, 1), Rounded(strategy.Coefficients(0)));
        foreach (double phi in new[] { -4.5, -2, -1, -0.1, 1, 3 })
        {
            if (phi < strategy.MinPhi || phi > strategy.MaxPhi) continue;
            var (d, w, r) = strategy.Coefficients(phi);
            // The paper's bases and EfficientNet-X's give 1.9 for a doubling.
            Assert.InRange(Math.Log2(d * w * w * r * r) / phi, 0.92, 1.001);
        }
    }

    // pycls's exponents, and what its EfficientNet-B4 for 4.2 GFLOP (s = 4.2/0.39) is said to have.
    [Fact]
    public void Fast_scaling_has_the_published_exponents()
    {
        var (d, w, r) = ScalingStrategy.Fast.Coefficients(Math.Log2(10));
        Assert.Equal(Math.Pow(10, 0.1), d, 9);
        Assert.Equal(Math.Pow(10, 0.4), w, 9);
        Assert.Equal(Math.Pow(10, 0.05), r, 9);
        Assert.Equal((Math.Round(Math.Pow(10, 1 / 3.0), 9), Math.Round(Math.Pow(10, 1 / 6.0), 9)),
            (Math.Round(ScalingStrategy.Uniform.Coefficients(Math.Log2(10)).Depth, 9), Math.Round(ScalingStrategy.Uniform.Coefficients(Math.Log2(10)).Width, 9)));
    }

    [Fact]
    public void EfficientNet_X_B7_is_at_phi_7()
    {
        Assert.Equal((3.44, 3.26, 1.5625), Rounded(ScalingStrategy.EfficientNetXTpu.Coefficients(7)));
        Assert.Equal((5.46, 2.58, 1.5625), Rounded(ScalingStrategy.EfficientNetXGpu.Coefficients(7)));
    }

    // timm's tinynet_a to tinynet_e: width, depth, pixels.
    [Theory]
    [InlineData(1.0, 1.2, 192), InlineData(0.75, 1.1, 188), InlineData(0.54, 0.85, 184), InlineData(0.54, 0.695, 152), InlineData(0.51, 0.6, 106)]
    public void TinyNets_are_on_their_line(double width, double depth, int pixels)
    {
        double phi = Math.Log2(depth * width * width * pixels * pixels / (224.0 * 224));
        var by = ScalingStrategy.TinyNet.Coefficients(phi);
        Assert.Equal((depth, width, pixels), (Math.Round(by.Depth, 6), Math.Round(by.Width, 6), by.ResolutionOf(ArchitectureRegistry.Get("efficientnet_b0"))));
    }

    [Fact]
    public void Shrinking_rules_do_not_grow_and_unknown_names_are_refused()
    {
        Assert.Contains("φ from -4.84 to 0", Assert.Throws<InvalidInputException>(() => ScalingStrategy.TinyNet.Coefficients(1)).Message, StringComparison.Ordinal);
        Assert.Contains("tinynet", Assert.Throws<InvalidInputException>(() => ScalingStrategy.Get("tiny")).Message, StringComparison.Ordinal);
    }

    // At one cost fast scaling holds fewer values than compound scaling, which is what it is for.
    [Fact]
    public void Fast_scaling_needs_less_memory_for_its_maps()
    {
        var b0 = ArchitectureRegistry.Get("efficientnet_b0");
        var fast = GraphMemory.Of(ScalingStrategy.Fast.Coefficients(4).Apply(b0).Build());
        var compound = GraphMemory.Of(ScalingStrategy.Compound.Coefficients(4).Apply(b0).Build());
        Assert.True(fast.PeakActivationBytes < compound.PeakActivationBytes);
    }

    private static (double, double, double) Rounded(ScalingCoefficients by) => (Math.Round(by.Depth, 6), Math.Round(by.Width, 6), Math.Round(by.Resolution, 6));
}
