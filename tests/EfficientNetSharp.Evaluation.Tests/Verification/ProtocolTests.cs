using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

public sealed class ProtocolTests
{
    // 253 and 31 leave folds of unequal size; coarse values give many equal distances, some of them on a threshold.
    public static TheoryData<ulong, int, bool> Cases => new()
    {
        { 1, 60, false }, { 2, 253, false }, { 3, 31, true }, { 4, 100, true }, { 5, 200, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Insightface_agrees_with_its_definition(ulong seed, int pairs, bool coarse)
    {
        var set = new RandomPairs(seed, pairs, coarse: coarse);
        foreach (var flipped in new[] { set.Flipped, null })
        {
            var result = InsightFaceProtocol.Evaluate(set.Rows, flipped, set.Same);
            double[] distances = LiteralProtocols.SquaredDistances(set.Rows, flipped, pairs);
            var (accuracies, thresholds) = LiteralProtocols.InsightFace(distances, set.Same, 10);
            Assert.Equal(accuracies, result.FoldAccuracies);
            Assert.Equal(thresholds, result.FoldThresholds);
            Assert.Equal(accuracies.Average(), result.Accuracy, 14);
            double mean = accuracies.Average();
            Assert.Equal(Math.Sqrt(accuracies.Average(a => (a - mean) * (a - mean))), result.AccuracyDeviation, 14);

            var validation = LiteralProtocols.Validation(distances, set.Same, 10);
            Assert.NotNull(result.Validation);
            Assert.Equal(validation.Thresholds, result.Validation.Thresholds.ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
            Assert.Equal(validation.Rates.Average(), result.Validation.Rate, 12);
            Assert.Equal(validation.Fars.Average(), result.Validation.FalseAcceptRate, 12);
            double rate = validation.Rates.Average();
            Assert.Equal(Math.Sqrt(validation.Rates.Average(r => (r - rate) * (r - rate))), result.Validation.Deviation, 12);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FaceX_Zoo_agrees_with_its_definition(ulong seed, int pairs, bool coarse)
    {
        var set = new RandomPairs(seed, pairs, coarse: coarse);
        float[] scores = [.. PairScores.Cosines(set.Rows, set.Pairs).Select(score => (float)score)];
        double[] accuracies = LiteralProtocols.FaceXZoo(scores, set.Same, 10);
        var result = FaceXZooProtocol.Evaluate(set.Rows, set.Pairs);
        Assert.Equal(accuracies, result.FoldAccuracies);
        double mean = accuracies.Average();
        Assert.Equal(mean, result.Accuracy, 14);
        Assert.Equal(Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / 9) / Math.Sqrt(10), result.StandardError, 14);
    }

    [Fact]
    public void Insightface_worked_out_by_hand()
    {
        // Twenty pairs of unit vectors at an angle: genuine ones at 50°, a squared distance of 0.714; impostors at 90°, 2; but the first,
        // which is genuine and at 90°. Thresholds above 0.714 and up to 2 are right but for that pair; the first of them is 0.72.
        var set = Angles(20, pair => pair == 0 || pair % 2 == 1 ? 90 : 50);
        var result = InsightFaceProtocol.Evaluate(set.Rows, null, set.Same);
        Assert.All(result.FoldThresholds, threshold => Assert.Equal(0.72, threshold));
        Assert.Equal([0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1], result.FoldAccuracies);
        Assert.Equal(0.95, result.Accuracy, 14);
        // Variance 0.05²·0.9 + 0.45²·0.1 = 0.0225.
        Assert.Equal(0.15, result.AccuracyDeviation, 14);

        // The rate of impostors leaps from 0 at 2.000 to 1 at 2.001, or a threshold before where rounding has distances below 2; the target
        // of 1e-3 lies between.
        Assert.NotNull(result.Validation);
        Assert.All(result.Validation.Thresholds, threshold => Assert.InRange(threshold, 1.998, 2.001));
        Assert.Equal(1, result.MeanNorm, 6);
    }

    [Fact]
    public void Mirror_images_are_summed_before_lengths_are_taken()
    {
        // A long and a short embedding: their sum points nearly where the long one does; the mean of their directions would not.
        var rows = new EmbeddingRows(new float[] { 10, 0, 1, 0 }, 2);
        var flipped = new EmbeddingRows(new float[] { 0, 0.1f, 0, 1 }, 2);
        double[] distances = LiteralProtocols.SquaredDistances(rows, flipped, 1);
        double angle = Math.Atan(1) - Math.Atan(0.01);
        Assert.Equal(2 - (2 * Math.Cos(angle)), distances[0], 6);
        Assert.Equal([1, 1], [.. InsightFaceProtocol.Evaluate(Repeat(rows, 10), Repeat(flipped, 10), [.. Enumerable.Repeat(true, 10)])
            .FoldAccuracies.Take(2)]);
    }

    [Fact]
    public void Pairs_may_share_images()
    {
        var rows = new EmbeddingRows(new float[] { 1, 0, 0.9f, 0.1f, 0, 1 }, 2);
        RowPair[] pairs = [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? new RowPair(0, 1, true) : new RowPair(1, 2, false))];
        var indexed = InsightFaceProtocol.Evaluate(rows, null, pairs);
        var written = new EmbeddingRows(pairs.SelectMany(p => rows[p.First].ToArray().Concat(rows[p.Second].ToArray())).ToArray(), 2);
        var copied = InsightFaceProtocol.Evaluate(written, null, [.. pairs.Select(pair => pair.IsSame)]);
        Assert.Equal(copied.Accuracy, indexed.Accuracy);
        Assert.Equal(copied.MeanNorm, indexed.MeanNorm, 12);
        Assert.Equal(1, indexed.Accuracy);
    }

    [Fact]
    public void Embeddings_that_tell_nothing_are_right_half_of_the_time()
    {
        var rows = new EmbeddingRows(Enumerable.Repeat(1f, 40 * 3).ToArray(), 3);
        bool[] same = [.. Enumerable.Range(0, 20).Select(pair => pair % 2 == 0)];
        Assert.Equal(0.5, InsightFaceProtocol.Evaluate(rows, rows, same).Accuracy);
        var zeros = new EmbeddingRows(new float[40 * 3], 3);
        Assert.Equal(0.5, InsightFaceProtocol.Evaluate(zeros, null, same).Accuracy);
    }

    [Fact]
    public void Without_both_kinds_of_pairs_in_each_fold_there_is_no_validation_rate()
    {
        // All genuine pairs first.
        var set = Angles(20, pair => pair < 10 ? 10 : 100);
        var result = InsightFaceProtocol.Evaluate(set.Rows, null, [.. Enumerable.Range(0, 20).Select(pair => pair < 10)]);
        Assert.Null(result.Validation);
        Assert.Equal(1, result.Accuracy);
    }

    [Fact]
    public void A_rate_that_is_not_reached_gives_threshold_zero()
    {
        // Opposite vectors: a squared distance of 4, which no threshold is above.
        var set = Angles(20, pair => pair % 2 == 0 ? 0 : 180);
        var result = InsightFaceProtocol.Evaluate(set.Rows, null, set.Same);
        Assert.NotNull(result.Validation);
        Assert.All(result.Validation.Thresholds, threshold => Assert.Equal(0, threshold));
        Assert.Equal((0, 0), (result.Validation.Rate, result.Validation.FalseAcceptRate));
        Assert.Equal(1, result.Accuracy);
    }

    [Fact]
    public void What_cannot_be_judged_is_refused()
    {
        var set = new RandomPairs(1, 9);
        Assert.Contains("found 9", Assert.Throws<InvalidInputException>(
            () => InsightFaceProtocol.Evaluate(set.Rows, null, set.Same)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => InsightFaceProtocol.Evaluate(set.Rows, null, new bool[12]));
        var longer = new RandomPairs(1, 20);
        Assert.Throws<ArgumentException>(() => InsightFaceProtocol.Evaluate(longer.Rows, set.Flipped, longer.Same));
        Assert.Throws<InvalidInputException>(() => FaceXZooProtocol.Evaluate(longer.Rows, longer.Pairs.Select(p =>
            p with { IsSame = true }).ToArray()));
        Assert.Contains("row 1", Assert.Throws<InvalidInputException>(
            () => new EmbeddingRows(new[] { 0, 1, float.NaN, 2 }, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new EmbeddingRows(new float[5], 2));
    }

    private static EmbeddingRows Repeat(EmbeddingRows rows, int times) =>
        new(Enumerable.Repeat(rows.Values.ToArray(), times).SelectMany(values => values).ToArray(), rows.Length);

    private static (EmbeddingRows Rows, bool[] Same) Angles(int pairs, Func<int, double> degrees)
    {
        float[] values = [.. Enumerable.Range(0, pairs).SelectMany(pair => new[]
        {
            1, 0, (float)Math.Cos(degrees(pair) * Math.PI / 180), (float)Math.Sin(degrees(pair) * Math.PI / 180),
        })];
        return (new EmbeddingRows(values, 2), [.. Enumerable.Range(0, pairs).Select(pair => pair % 2 == 0)]);
    }
}
