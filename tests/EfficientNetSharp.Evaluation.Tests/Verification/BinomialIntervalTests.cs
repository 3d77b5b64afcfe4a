using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

public sealed class BinomialIntervalTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void The_ends_leave_a_tail_of_a_fortieth_each(int trials)
    {
        for (int events = 0; events <= trials; events++)
        {
            var interval = BinomialInterval.Of(events, trials);
            if (events > 0) Assert.Equal(0.025, Tail(events, trials, interval.Lower), 9);
            else Assert.Equal(0, interval.Lower);
            if (events < trials) Assert.Equal(0.975, Tail(events + 1, trials, interval.Upper), 9);
            else Assert.Equal(1, interval.Upper);
        }
    }

    [Fact]
    public void Closed_forms()
    {
        // Without an event, (1 − p)ⁿ = 0.025; with nothing else, pⁿ = 0.025.
        foreach (long trials in new[] { 1L, 10, 1000, 1_000_000, 1_000_000_000 })
        {
            double end = 1 - Math.Pow(0.025, 1.0 / trials), none = BinomialInterval.Of(0, trials).Upper;
            Assert.Equal(end, none, 1e-9 + (1e-6 * end));
            Assert.Equal(Math.Pow(0.025, 1.0 / trials), BinomialInterval.Of(trials, trials).Lower, 8);
        }

        // Symmetric at one half, and of the normal width for many trials.
        var half = BinomialInterval.Of(500_000, 1_000_000);
        Assert.Equal(1, half.Lower + half.Upper, 9);
        Assert.Equal(2 * 1.959964 * Math.Sqrt(0.25 / 1e6), half.Upper - half.Lower, 5);
    }

    [Fact]
    public void Rules_of_three_and_of_thirty()
    {
        // ln 0.05 / ln(1 − 10⁻⁴)
        Assert.Equal(29_956, BinomialInterval.TrialsToBound(1e-4));
        Assert.Equal(299, BinomialInterval.TrialsToBound(0.01));
        Assert.InRange(BinomialInterval.LargestWithout(299), 0.0099, 0.01);
        Assert.InRange(BinomialInterval.LargestWithout(298), 0.01, 0.0101);
        Assert.Equal(300_000, BinomialInterval.TrialsToMeasure(1e-4));
        // That many without an event just bound the rate, one fewer does not.
        Assert.True(1 - Math.Pow(0.05, 1.0 / 29_956) <= 1e-4);
        Assert.True(1 - Math.Pow(0.05, 1.0 / 29_955) > 1e-4);
    }

    // P(X ≥ events), summed.
    private static double Tail(int events, int trials, double rate)
    {
        double sum = 0, choose = 1;
        for (int k = 0; k <= trials; k++)
        {
            if (k >= events) sum += choose * Math.Pow(rate, k) * Math.Pow(1 - rate, trials - k);
            choose = choose * (trials - k) / (k + 1);
        }

        return sum;
    }
}
