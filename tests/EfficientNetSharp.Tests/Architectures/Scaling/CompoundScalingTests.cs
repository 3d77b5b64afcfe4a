using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Tests.Architectures.Scaling;

public sealed class CompoundScalingTests
{
    private static readonly Architecture B0 = ArchitectureRegistry.Get("efficientnet_b0");

    [Fact]
    public void The_paper_s_bases_nearly_double_the_multiply_adds()
    {
        Assert.Equal(1.9203, CompoundScaling.EfficientNet.Budget, 4);
        Assert.True(CompoundScaling.EfficientNet.KeepsConstraint);
        Assert.False(new CompoundScaling(1.4, 1.2, 1.3).KeepsConstraint);
    }

    // Computed outside of this program from α^φ, β^φ and 224·γ^φ.
    [Theory]
    [InlineData(0, 1, 1, 224)]
    [InlineData(0.5, 1.095, 1.049, 240.2)]
    [InlineData(1, 1.2, 1.1, 257.6)]
    [InlineData(2, 1.44, 1.21, 296.2)]
    [InlineData(3.5, 1.893, 1.396, 365.3)]
    [InlineData(5, 2.488, 1.611, 450.5)]
    [InlineData(6, 2.986, 1.772, 518.1)]
    [InlineData(7, 3.583, 1.949, 595.8)]
    public void The_formula_gives_the_known_multipliers(double phi, double depth, double width, double resolution)
    {
        var by = CompoundScaling.EfficientNet.Coefficients(phi);
        Assert.Equal(depth, by.Depth, 3);
        Assert.Equal(width, by.Width, 3);
        Assert.Equal(resolution, 224 * by.Resolution, 0.06);
        Assert.Equal((int)Math.Floor((224 * by.Resolution) + 0.5), CompoundScaling.EfficientNet.Apply(B0, phi).Resolution);
    }

    [Fact]
    public void Halves_of_pixels_round_up()
    {
        Assert.Equal(225, new ScalingCoefficients(1, 1, 224.5 / 224).ResolutionOf(B0));
        Assert.Equal(258, CompoundScaling.EfficientNet.Apply(B0, 1).Resolution);
    }

    [Fact]
    public void A_scaled_network_is_named_after_its_scaling()
    {
        Assert.Equal("efficientnet_b0_d1.4_w1.2_r291", new ScalingCoefficients(1.4, 1.2, 1.3).Apply(B0).Name);
        Assert.Equal(12_233_232, GraphCosts.Of(new ScalingCoefficients(1.4, 1.2, 1.3).Apply(B0).Build()).Parameters);
    }

    [Fact]
    public void Nothing_changes_at_phi_0()
    {
        foreach (var baseline in ArchitectureRegistry.All)
        {
            var same = CompoundScaling.EfficientNet.Apply(baseline, 0);
            Assert.Equal(GraphCosts.Of(baseline.Build()).Macs, GraphCosts.Of(same.Build()).Macs);
        }
    }

    [Theory]
    [InlineData(0.99, 1, 1)]
    [InlineData(1, 0.5, 1)]
    [InlineData(1, 1, double.NaN)]
    [InlineData(5, 1, 1)]
    public void Bases_out_of_range_are_refused(double alpha, double beta, double gamma) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompoundScaling(alpha, beta, gamma));

    [Theory]
    [InlineData(60)]
    [InlineData(-90)]
    [InlineData(1e6)]
    public void A_coefficient_far_out_gets_one_line(double phi)
    {
        var refusal = Assert.Throws<InvalidInputException>(() => CompoundScaling.EfficientNet.Apply(B0, phi));
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void The_grid_holds_each_triple_that_keeps_the_constraint_once()
    {
        // In whole hundredths, so that nothing rounds: 1 ≤ α, β, γ and |αβ²γ² − 2| ≤ 0.1, times 10^10.
        var expected = new List<(int, int, int)>();
        for (long a = 100; a <= 400; a += 5)
        {
            for (long b = 100; b <= 400; b += 5)
            {
                for (long c = 100; c <= 400; c += 5)
                {
                    if (Math.Abs((a * b * b * c * c) - 20_000_000_000) <= 1_000_000_000) expected.Add(((int)a, (int)b, (int)c));
                }
            }
        }

        var candidates = CompoundScaling.Candidates();
        Assert.Equal(expected,
            candidates.Select(scaling => (Hundredths(scaling.Alpha), Hundredths(scaling.Beta), Hundredths(scaling.Gamma))));
        Assert.Contains(CompoundScaling.EfficientNet, candidates);

        static int Hundredths(double value) => (int)Math.Round(100 * value);
    }

    [Fact]
    public void Ranking_scores_each_network_once_and_puts_the_best_first()
    {
        var scored = new List<string>();
        var ranked = CompoundScaling.Rank(B0, CompoundScaling.Candidates(0.05, 0.1), (scaled, _) =>
        {
            scored.Add(
                $"{scaled.Resolution} {string.Join(' ', scaled.Stages.Select(stage => $"{stage.Channels}x{stage.Repeats}"))} {scaled.HeadChannels}");
            return scaled.Resolution;
        });
        Assert.Equal(CompoundScaling.Candidates(0.05, 0.1).Length, ranked.Length);
        Assert.Equal(scored.Count, scored.Distinct().Count());
        Assert.Equal(ranked.Select(row => row.Score).OrderDescending(), ranked.Select(row => row.Score));
    }
}
