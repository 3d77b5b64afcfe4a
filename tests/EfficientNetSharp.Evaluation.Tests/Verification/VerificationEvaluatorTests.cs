using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

public sealed class VerificationEvaluatorTests
{
    [Fact]
    public void All_pairs_are_made_where_they_are_few()
    {
        // Identities of 3, 1 and 2 images: 3 + 0 + 1 genuine of 15 pairs.
        var pairs = IdentityPairs.Of([7, 3, 7, 5, 7, 5]);
        Assert.Equal((4, 11), (pairs.AllGenuine, pairs.AllImpostors));
        Assert.Equal(
            [(0, 2), (0, 4), (2, 4), (3, 5)], pairs.Pairs.Where(pair => pair.IsSame).Select(pair => (pair.First, pair.Second)));
        Assert.Equal(11, pairs.Pairs.Where(pair => !pair.IsSame).Distinct().Count());
        Assert.Empty(IdentityPairs.Of([]).Pairs);
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(200, 3000)]
    [InlineData(300, 4400)]
    public void Pairs_are_drawn_without_replacement_and_without_bias(int genuine, int impostors)
    {
        // 30 identities of uneven sizes.
        int[] labels = [.. Enumerable.Range(0, 100).Select(row => row * row % 30)];
        var options = new PairOptions { MaxGenuine = genuine, MaxImpostors = impostors };
        var all = IdentityPairs.Of(labels);
        var taken = new Dictionary<RowPair, int>();
        const int Draws = 60;
        for (ulong seed = 0; seed < Draws; seed++)
        {
            var pairs = IdentityPairs.Of(labels, options with { Seed = seed }).Pairs;
            Assert.Equal(Math.Min(genuine, all.AllGenuine), pairs.Count(pair => pair.IsSame));
            Assert.Equal(Math.Min(impostors, all.AllImpostors), pairs.Count(pair => !pair.IsSame));
            Assert.Equal(pairs.Length, pairs.Distinct().Count());
            foreach (var pair in pairs)
            {
                Assert.Equal(labels[pair.First] == labels[pair.Second], pair.IsSame);
                Assert.True(pair.First < pair.Second);
                taken[pair] = taken.GetValueOrDefault(pair) + 1;
            }
        }

        // Every pair is as likely: the squared deviations of the counts add up to what chance gives, whose own deviation is a few per cent.
        foreach (bool same in new[] { true, false })
        {
            var kind = all.Pairs.Where(pair => pair.IsSame == same).ToList();
            double chance = (double)Math.Min(same ? genuine : impostors, kind.Count) / kind.Count;
            if (chance == 1) continue;
            double squares = kind.Sum(pair => Math.Pow(taken.GetValueOrDefault(pair) - (Draws * chance), 2));
            Assert.InRange(squares / (kind.Count * Draws * chance * (1 - chance)), 0.7, 1.3);
        }

        Assert.Equal(IdentityPairs.Of(labels, options).Pairs, IdentityPairs.Of(labels, options).Pairs);
    }

    [Fact]
    public void Thresholds_are_those_of_the_curve_and_unknown_ones_are_said_to_be()
    {
        var (scores, pairs, identities) = Simulate(3, identities: 40, images: 4);
        var result = VerificationEvaluator.Evaluate(scores, pairs, identities);
        Assert.Equal(40, result.Identities);
        Assert.Equal(40 * 6, result.Roc.Genuine);
        Assert.Equal((160 * 159 / 2) - 240, result.Roc.Impostors);
        foreach (var point in result.Points)
        {
            Assert.Equal(BinomialInterval.TrialsToBound(point.Target), point.PairsToBound);
            if (point.Target < 1.0 / result.Roc.Impostors)
            {
                Assert.Null(point.Threshold);
                continue;
            }

            var expected = result.Roc.AtFalseAcceptRate(point.Target);
            Assert.Equal(expected.Threshold, point.Threshold);
            Assert.Equal(expected.FalseAcceptRate, point.FalseAcceptRate.Value);
            Assert.Equal(expected.FalseRejectRate, point.FalseRejectRate.Value);
            Assert.Equal(Enumerable.Range(0, pairs.Length).Count(i => !pairs[i].IsSame && scores[i] > point.Threshold), point.FalseAccepts);
            Assert.Equal(Enumerable.Range(0, pairs.Length).Count(i => pairs[i].IsSame && scores[i] <= point.Threshold), point.FalseRejects);
            Assert.InRange(point.Threshold!.Value, point.ThresholdInterval!.Value.Lower, point.ThresholdInterval.Value.Upper);
            foreach (var estimate in new[] { point.FalseAcceptRate, point.FalseRejectRate })
                Assert.InRange(estimate.Value, estimate.Interval.Lower, estimate.Interval.Upper);
        }

        double worst = result.WorstGenuine.Select(pair => scores[pair]).First();
        Assert.Equal(Enumerable.Range(0, pairs.Length).Where(i => pairs[i].IsSame).Min(i => scores[i]), worst);
        Assert.Equal(12, result.WorstImpostors.Length);
        Assert.True(result.WorstImpostors.Select(pair => scores[pair]).SequenceEqual(
            result.WorstImpostors.Select(pair => scores[pair]).OrderDescending()));
    }

    [Fact]
    public void Intervals_hold_what_is_true_of_other_identities_as_often_as_they_say()
    {
        // The rate of rejection at a fixed operating point among very many identities, and how often intervals from thirty hold it.
        // Intervals
        // that took pairs for independent would hold it far less often: identities differ in how alike their images are.
        var (scores, pairs, identities) = Simulate(99, identities: 400, images: 4);
        var whole = VerificationEvaluator.Evaluate(scores, pairs, identities, new VerificationOptions { BootstrapSamples = 1,
            FalseAcceptRates = [0.1] });
        double truth = whole.Points[0].FalseRejectRate.Value;
        const int Trials = 60;
        int held = 0, heldByPairs = 0;
        for (ulong seed = 0; seed < Trials; seed++)
        {
            var (few, fewPairs, fewIdentities) = Simulate(seed, identities: 30, images: 4);
            var point = VerificationEvaluator.Evaluate(
                few, fewPairs, fewIdentities, new VerificationOptions { BootstrapSamples = 200, FalseAcceptRates = [0.1] }).Points[0];
            var interval = point.FalseRejectRate.Interval;
            if (interval.Lower <= truth && truth <= interval.Upper) held++;
            var naive = BinomialInterval.Of(point.FalseRejects, fewPairs.Count(pair => pair.IsSame));
            if (naive.Lower <= truth && truth <= naive.Upper) heldByPairs++;
        }

        Assert.InRange(held, (int)(0.8 * Trials), Trials);
        Assert.True(heldByPairs < held);
    }

    [Fact]
    public void A_rate_without_an_event_has_the_binomial_bound()
    {
        // Everything apart: no genuine pair is rejected, whatever identities are drawn.
        int[] identities = [0, 0, 1, 1, 2, 2];
        var pairs = IdentityPairs.Of(identities).Pairs;
        double[] scores = [.. pairs.Select(pair => pair.IsSame ? 0.9 : 0.1 + (0.01 * pair.First))];
        var point = VerificationEvaluator.Evaluate(scores, pairs.AsSpan(), identities,
            new VerificationOptions { FalseAcceptRates = [0.5] }).Points[0];
        Assert.Equal(0, point.FalseRejectRate.Value);
        // (1 − p)³ = 0.025
        Assert.Equal(1 - Math.Pow(0.025, 1 / 3.0), point.FalseRejectRate.Interval.Upper, 6);
    }

    [Fact]
    public void Results_are_the_same_again()
    {
        var (scores, pairs, identities) = Simulate(5, identities: 20, images: 3);
        var first = VerificationEvaluator.Evaluate(scores, pairs, identities).Points;
        Assert.Equal(first, VerificationEvaluator.Evaluate(scores, pairs, identities).Points);
        Assert.NotEqual(first, VerificationEvaluator.Evaluate(scores, pairs, identities, new VerificationOptions { Seed = 1 }).Points);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => VerificationEvaluator.Evaluate(scores, pairs, identities, new VerificationOptions { FalseAcceptRates = [1] }));
        Assert.Throws<ArgumentException>(() => VerificationEvaluator.Evaluate(scores, pairs, identities.AsSpan(0, 5)));
    }

    // Images around their identity's centre, of which some are much looser than others.
    private static (double[] Scores, RowPair[] Pairs, int[] Identities) Simulate(ulong seed, int identities, int images)
    {
        const int Length = 8;
        var random = new SeededRandom(seed, 17);
        float[] values = new float[identities * images * Length];
        int[] labels = new int[identities * images];
        for (int identity = 0; identity < identities; identity++)
        {
            double spread = Math.Exp(random.NextGaussian() - 0.5);
            float[] centre = [.. Enumerable.Range(0, Length).Select(_ => 0f)];
            foreach (ref float value in centre.AsSpan()) value = (float)random.NextGaussian();
            for (int image = 0; image < images; image++)
            {
                int row = (identity * images) + image;
                labels[row] = identity;
                for (int i = 0; i < Length; i++) values[(row * Length) + i] = centre[i] + (float)(spread * random.NextGaussian());
            }
        }

        RowPair[] pairs = [.. IdentityPairs.Of(labels).Pairs];
        return (PairScores.Cosines(new EmbeddingRows(values, Length), pairs), pairs, labels);
    }
}
