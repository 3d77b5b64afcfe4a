using EfficientNetSharp.Studies.Statistics;

namespace EfficientNetSharp.Studies.Tests.Statistics;

public sealed class StatisticsTests
{
    // Closed forms of one and two degrees of freedom; the others from printed tables (Fisher and Yates).
    [Theory]
    [InlineData(0.95, 3, 3.182)]
    [InlineData(0.95, 4, 2.776)]
    [InlineData(0.95, 10, 2.228)]
    [InlineData(0.95, 30, 2.042)]
    [InlineData(0.99, 5, 4.032)]
    [InlineData(0.90, 20, 1.725)]
    public void Students_t_is_that_of_tables(double confidence, int freedom, double expected) =>
        Assert.Equal(expected, StudentT.TwoSided(confidence, freedom), 3);

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.95)]
    [InlineData(0.999)]
    public void Students_t_has_closed_forms(double confidence)
    {
        // Of one degree the Cauchy distribution's tan; of two p·√(2/(1 − p²)).
        Assert.Equal(Math.Tan(Math.PI * confidence / 2), StudentT.TwoSided(confidence, 1), 1e-6 * Math.Tan(Math.PI * confidence / 2));
        double two = confidence * Math.Sqrt(2 / (1 - (confidence * confidence)));
        Assert.Equal(two, StudentT.TwoSided(confidence, 2), 1e-7 * two);
    }

    [Fact]
    public void With_many_degrees_it_is_the_normal_distribution() => Assert.Equal(1.959964, StudentT.TwoSided(0.95, 10_000_000), 4);

    [Fact]
    public void A_summary_is_mean_error_and_interval()
    {
        var summary = SampleSummary.Of([1, 2, 3]);
        Assert.Equal((3, 2.0, 1.0), (summary.Count, summary.Mean, summary.StandardDeviation));
        Assert.Equal(1 / Math.Sqrt(3), summary.StandardError!.Value, 12);
        Assert.Equal(2 - (4.302653 / Math.Sqrt(3)), summary.Interval!.Value.Lower, 5);
        Assert.Equal(2 + (4.302653 / Math.Sqrt(3)), summary.Interval!.Value.Upper, 5);
    }

    [Fact]
    public void A_single_value_has_no_interval()
    {
        var summary = SampleSummary.Of([0.5]);
        Assert.Null(summary.StandardError);
        Assert.Null(summary.Interval);
    }

    [Fact]
    public void Equal_values_have_the_spread_of_their_steps()
    {
        Assert.Equal(0, SampleSummary.Of([1, 1, 1]).StandardDeviation);
        Assert.Equal(0.1, SampleSummary.Of([1, 1, 1], leastVariance: 0.01).StandardDeviation, 12);
        Assert.Equal(1, SampleSummary.Of([1, 2, 3], leastVariance: 0.01).StandardDeviation, 12);
    }

    [Fact]
    public void Intervals_hold_the_mean_as_often_as_they_say()
    {
        var random = new Randomness.SeededRandom(7);
        int held = 0;
        const int samples = 4000;
        for (int i = 0; i < samples; i++)
        {
            double[] values = [random.NextGaussian(), random.NextGaussian(), random.NextGaussian()];
            var interval = SampleSummary.Of(values).Interval!.Value;
            if (interval.Lower <= 0 && interval.Upper >= 0) held++;
        }

        // Four standard errors of the share.
        Assert.InRange((double)held / samples, 0.95 - 0.014, 0.95 + 0.014);
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 10, 20, 30, 40 }, 1)]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 4, 3, 2, 1 }, -1)]
    [InlineData(new double[] { 106, 86, 100, 101, 99, 103, 97, 113, 112, 110 }, new double[] { 7, 0, 27, 50, 28, 29, 20, 12, 6, 17 }, -29.0 / 165)]
    [InlineData(new double[] { 1, 2, 2, 3 }, new double[] { 1, 3, 3, 2 }, 1 / 3.0)]
    public void Spearman_is_that_of_ranks(double[] first, double[] second, double expected) =>
        Assert.Equal(expected, RankCorrelation.Spearman(first, second)!.Value, 12);

    [Fact]
    public void What_is_all_equal_has_no_correlation() => Assert.Null(RankCorrelation.Spearman([1, 1, 1], [1, 2, 3]));
}
