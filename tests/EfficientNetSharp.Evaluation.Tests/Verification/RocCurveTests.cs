using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

public sealed class RocCurveTests
{
    [Fact]
    public void Worked_out_by_hand()
    {
        // From above: genuine 5, impostor 4, both kinds at 3, genuine 2, impostor 1.
        var roc = RocCurve.Of([5, 3, 2], [4, 3, 1]);
        Assert.Equal(
            [
                new(double.PositiveInfinity, 0, 0), new(4, 0, 1 / 3.0), new(3, 1 / 3.0, 1 / 3.0), new(2, 2 / 3.0, 2 / 3.0),
                new(1, 2 / 3.0, 1), new(double.NegativeInfinity, 1, 1),
            ],
            roc.Points);
        // 5 beats three; 3 beats one and draws with one; 2 beats one.
        Assert.Equal((3 + 1 + 0.5 + 1) / 9, roc.AreaUnderCurve, 14);
        Assert.Equal(new OperatingPoint(4, 0, 1 / 3.0), roc.AtFalseAcceptRate(0));
        Assert.Equal(new OperatingPoint(4, 0, 1 / 3.0), roc.AtFalseAcceptRate(0.3));
        Assert.Equal(new OperatingPoint(3, 1 / 3.0, 1 / 3.0), roc.AtFalseAcceptRate(1 / 3.0));
        Assert.Equal(new OperatingPoint(1, 2 / 3.0, 1), roc.AtFalseAcceptRate(0.7));
        Assert.Equal(new OperatingPoint(double.NegativeInfinity, 1, 1), roc.AtFalseAcceptRate(1));
        // Between (1/3, 1/3) and (2/3, 2/3) the rates rise together: FAR = FRR at 1/2.
        Assert.Equal(0.5, roc.EqualErrorRate, 14);
        // 0.5 is as near to 1/3 as to 2/3; the higher rates count. 0.2 is nearer to 1/3 than to 0.
        Assert.Equal(new OperatingPoint(1, 2 / 3.0, 1), roc.NearestToFalseAcceptRate(0.5));
        Assert.Equal(1 / 3.0, roc.NearestToFalseAcceptRate(0.2).FalseAcceptRate);
    }

    [Fact]
    public void Points_on_a_line_are_no_points_to_be_nearest_to()
    {
        // Four impostors one after the other between genuine pairs: of the corners at FAR 0, 1/4, 2/4, 3/4 and 1 scikit-learn keeps the
        // ends.
        var roc = RocCurve.Of([10, 1], [9, 8, 7, 6]);
        Assert.Equal([0, 0, 1, 1], roc.Points.Select(point => point.FalseAcceptRate));
        Assert.Equal(new OperatingPoint(9, 0, 0.5), roc.NearestToFalseAcceptRate(0.25));
        Assert.Equal(new OperatingPoint(8, 0.25, 0.5), roc.AtFalseAcceptRate(0.25));
    }

    [Theory]
    [InlineData(1, 50, 200, false)]
    [InlineData(2, 300, 1000, false)]
    [InlineData(3, 100, 100, true)]
    [InlineData(4, 1, 1, true)]
    [InlineData(5, 7, 900, true)]
    public void Agrees_with_counting(ulong seed, int genuineCount, int impostorCount, bool coarse)
    {
        var random = new SeededRandom(seed);
        double[] genuine = [.. Enumerable.Range(0, genuineCount).Select(_ => Draw(ref random, 1))];
        double[] impostors = [.. Enumerable.Range(0, impostorCount).Select(_ => Draw(ref random, 0))];
        var roc = RocCurve.Of(genuine, impostors);
        double pairs = genuine.Sum(g => impostors.Sum(i => g > i ? 1 : g == i ? 0.5 : 0));
        Assert.Equal(pairs / genuineCount / impostorCount, roc.AreaUnderCurve, 12);
        double[] candidates = [double.NegativeInfinity, .. impostors.Concat(genuine).Distinct().Order()];
        foreach (double far in new[] { 0, 1e-3, 0.01, 0.05, 0.1, 1 / 3.0, 0.5, 0.9, 1, 3.0 / impostorCount, 1.0 / impostorCount })
        {
            if (far > 1) continue;
            // The lowest of all thresholds whose rate is not above the target.
            double lowest = candidates.First(threshold => impostors.Count(score => score > threshold) / (double)impostorCount <= far);
            var point = roc.AtFalseAcceptRate(far);
            Assert.Equal(impostors.Count(score => score > lowest) / (double)impostorCount, point.FalseAcceptRate);
            Assert.Equal(genuine.Count(score => score > point.Threshold) / (double)genuineCount, point.TrueAcceptRate);
            Assert.Equal(impostors.Count(score => score > point.Threshold) / (double)impostorCount, point.FalseAcceptRate);
        }

        foreach (var point in roc.Points) Assert.Equal(point, roc.AtThreshold(point.Threshold));

        double Draw(ref SeededRandom source, double mean)
        {
            double value = mean + source.NextGaussian();
            return coarse ? Math.Round(value) : value;
        }
    }

    [Fact]
    public void Scores_that_tell_nothing_make_one_step()
    {
        var roc = RocCurve.Of([1, 1, 1], [1, 1]);
        Assert.Equal([new(double.PositiveInfinity, 0, 0), new(double.NegativeInfinity, 1, 1)], roc.Points);
        Assert.Equal((0.5, 0.5), (roc.AreaUnderCurve, roc.EqualErrorRate));
        Assert.Equal(0, roc.AtFalseAcceptRate(0.99).TrueAcceptRate);
        var apart = RocCurve.Of([2, 3], [0, 1]);
        Assert.Equal((1, 0), (apart.AreaUnderCurve, apart.EqualErrorRate));
        var reversed = RocCurve.Of([0, 1], [2, 3]);
        Assert.Equal((0, 1), (reversed.AreaUnderCurve, reversed.EqualErrorRate));
    }

    [Fact]
    public void What_is_no_set_of_scores_is_refused()
    {
        Assert.Throws<InvalidInputException>(() => RocCurve.Of([1.0], []));
        Assert.Throws<InvalidInputException>(() => RocCurve.Of([], new[] { 1.0 }));
        Assert.Throws<InvalidInputException>(() => RocCurve.Of([double.NaN], [1.0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RocCurve.Of([1.0], [1.0]).AtFalseAcceptRate(double.NaN));
        Assert.Throws<ArgumentException>(() => RocCurve.OfPairs([1.0], new RowPair[2]));
    }
}
