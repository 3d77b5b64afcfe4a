using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Tests.Randomness;

public sealed class DistributionsTests
{
    private const int Draws = 60_000;

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    [InlineData(40)]
    public void Gamma_has_its_mean_variance_and_third_moment(double shape)
    {
        double[] values = Draw((ref SeededRandom random) => Math.Exp(random.NextLogGamma(shape)));
        // Gamma(k): mean k, variance k, third central moment 2k; five standard errors, from the moments of those powers themselves.
        AssertMean(shape, values);
        AssertMean(shape, values.Select(v => (v - shape) * (v - shape)));
        AssertMean(2 * shape, values.Select(v => Math.Pow(v - shape, 3)));
    }

    [Theory]
    [InlineData(0.2, 0.2)]
    [InlineData(1, 1)]
    [InlineData(0.5, 2)]
    [InlineData(8, 3)]
    public void Beta_has_its_mean_and_variance(double alpha, double beta)
    {
        double[] values = Draw((ref SeededRandom random) => random.NextBeta(alpha, beta));
        Assert.All(values, v => Assert.InRange(v, 0, 1));
        double mean = alpha / (alpha + beta);
        AssertMean(mean, values);
        AssertMean(alpha * beta / ((alpha + beta) * (alpha + beta) * (alpha + beta + 1)), values.Select(v => (v - mean) * (v - mean)));
    }

    [Fact]
    public void Beta_of_one_half_has_its_arcsine_law()
    {
        // The distribution function of Beta(1/2, 1/2) is 2/π · asin √x.
        double[] values = Draw((ref SeededRandom random) => random.NextBeta(0.5, 0.5));
        foreach (double x in new[] { 0.001, 0.05, 0.3, 0.5, 0.9 })
            AssertMean(2 / Math.PI * Math.Asin(Math.Sqrt(x)), values.Select(v => v <= x ? 1.0 : 0));
    }

    [Fact]
    public void Tiny_shapes_give_nearly_all_or_nothing_and_never_NaN()
    {
        double[] values = Draw((ref SeededRandom random) => random.NextBeta(0.001, 0.001));
        Assert.DoesNotContain(values, double.IsNaN);
        AssertMean(0.5, values);
        Assert.True(values.Count(v => v is < 0.01 or > 0.99) > 0.98 * Draws);
    }

    [Fact]
    public void Shares_of_Dirichlet_add_up_and_have_their_moments()
    {
        foreach (double alpha in new[] { 0.3, 1, 5 })
        {
            double[] first = Draw((ref SeededRandom random) =>
            {
                Span<double> shares = stackalloc double[3];
                random.NextDirichlet(alpha, shares);
                Assert.Equal(1, shares[0] + shares[1] + shares[2], 12);
                return shares[1];
            });
            // Each share is Beta(α, 2α).
            AssertMean(1.0 / 3, first);
            AssertMean(2.0 / 9 / ((3 * alpha) + 1), first.Select(v => (v - (1.0 / 3)) * (v - (1.0 / 3))));
        }
    }

    [Fact]
    public void Shapes_out_of_range_are_programmer_errors()
    {
        var random = new SeededRandom(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextLogGamma(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextBeta(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextBeta(double.PositiveInfinity, 1));
    }

    private delegate double Drawing(ref SeededRandom random);

    private static double[] Draw(Drawing drawing)
    {
        var random = new SeededRandom(12);
        var values = new double[Draws];
        for (int i = 0; i < values.Length; i++) values[i] = drawing(ref random);
        return values;
    }

    /// <summary>Within five standard errors, the values' own.</summary>
    private static void AssertMean(double expected, IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average(), error = Math.Sqrt(all.Average(v => (v - mean) * (v - mean)) / all.Length);
        Assert.InRange(mean, expected - (5 * error), expected + (5 * error));
    }
}
