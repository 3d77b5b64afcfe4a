using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

public sealed class TemplateTests
{
    [Fact]
    public void Frames_of_a_video_are_averaged_and_media_summed()
    {
        // Template 7: an image (1, 0) and a video of the frames (0, 2) and (0, 4): (1, 0) + (0, 3). Template 3: one image twice as long.
        var images = new EmbeddingRows(new float[] { 0, 2, 1, 0, 0, 4, 0, -2 }, 2);
        var templates = Templates.Of(images, [7, 7, 7, 3], [5, 1, 5, 9]);
        Assert.Equal([3, 7], templates.Ids);
        Assert.Equal([0, -1], templates.Rows[templates.RowOf(3)].ToArray());
        float root = MathF.Sqrt(10);
        Assert.Equal([1 / root, 3 / root], templates.Rows[templates.RowOf(7)].ToArray(), (a, b) => MathF.Abs(a - b) < 1e-7f);
        Assert.Contains("template 4", Assert.Throws<InvalidInputException>(() => templates.RowOf(4)).Message, StringComparison.Ordinal);

        // A detector that is not sure of a frame: (1, 0) + ((0, 2) · 0.5 + (0, 4) · 0.25)/2 = (1, 1).
        var weighted = Templates.Of(images, [7, 7, 7, 3], [5, 1, 5, 9], [0.5f, 1, 0.25f, 1]);
        Assert.Equal([1 / MathF.Sqrt(2), 1 / MathF.Sqrt(2)], weighted.Rows[1].ToArray(), (a, b) => MathF.Abs(a - b) < 1e-7f);
        Assert.Throws<ArgumentException>(() => Templates.Of(images, [1], [1, 2, 3, 4]));
    }

    [Fact]
    public void Identification_worked_out_by_hand()
    {
        // A gallery of three known by angle: 0 at 0°, 1 at 60°, 2 at 120°. Probes: of 0 at 10° (right), of 1 at 25° (0 is nearer), of 2 at
        // 125°
        // (right); strangers at 61°, 150°, 180° and 300°, whose best are 1° (1), 30° (2), 60° (2) and 60° (0) off.
        var gallery = Rows([0, 60, 120]);
        var probes = Rows([10, 25, 125, 61, 150, 180, 300]);
        var result = IdentificationEvaluator.Evaluate(
            probes, [0, 1, 2, 9, 8, 7, 6], gallery, [0, 1, 2], [0.25, 0.5, 0.9], [1, 2, 3]);
        Assert.Equal((3, 4), (result.Mated, result.NonMated));
        Assert.Equal([2 / 3.0, 1, 1], result.Ranks.Select(rank => rank.Share));

        // k = 1: the threshold is cos 1°, which nobody passes. k = 2: cos 30°, which 10° and 5° pass. k = 3: cos 60°.
        Assert.Equal([0, 2 / 3.0, 2 / 3.0], result.Points.Select(point => point.TruePositiveRate));
        Assert.Equal([0, 0.25, 0.5], result.Points.Select(point => point.FalsePositiveRate));
        Assert.Equal(Math.Cos(Math.PI / 6), result.Points[1].Threshold, 6);
    }

    [Fact]
    public void Several_rows_of_an_identity_count_as_the_nearest()
    {
        // Identity 5 has a near and a far row; identity 6 has two rows that are nearer than the far one, but it is one rival.
        var gallery = Rows([10, 90, 20, 25]);
        var result = IdentificationEvaluator.Evaluate(Rows([0, 80]), [5, 6], gallery, [5, 5, 6, 6], [0.5], [1, 2]);
        Assert.Equal([0.5, 1], result.Ranks.Select(rank => rank.Share));
        Assert.Empty(result.Points);
    }

    [Theory]
    [InlineData(1, 60, 20)]
    [InlineData(2, 500, 700)]
    [InlineData(3, 7, 1)]
    public void Agrees_with_its_definition(ulong seed, int probeCount, int identities)
    {
        var random = new SeededRandom(seed);
        float[] Draw(int count) => [.. Enumerable.Range(0, count * 5).Select(_ => (float)random.NextGaussian())];
        var gallery = new EmbeddingRows(Draw(identities), 5).Normalized();
        int[] galleryIds = [.. Enumerable.Range(0, identities)], probeIds = [.. Enumerable.Range(0, probeCount).Select(_ =>
            random.NextInt(2 * identities))];
        float[] values = Draw(probeCount);
        for (int i = 0; i < probeCount; i++)
        {
            for (int k = 0; k < 5 && probeIds[i] < identities; k++) values[(5 * i) + k] += 3 * gallery[probeIds[i]][k];
        }

        var probes = new EmbeddingRows(values, 5).Normalized();
        double[] rates = [0.01, 0.1, 0.5, 1];
        int[] ranks = [1, 5, 10];
        var result = IdentificationEvaluator.Evaluate(probes, probeIds, gallery, galleryIds, rates, ranks);

        double[][] similarity = [.. Enumerable.Range(0, probeCount).Select(
            p => Enumerable.Range(0, identities).Select(g => Dot(probes[p], gallery[g])).ToArray())];
        int[] mated = [.. Enumerable.Range(0, probeCount).Where(p => probeIds[p] < identities)];
        double[] strangers = [.. Enumerable.Range(0, probeCount).Except(mated).Select(p => similarity[p].Max()).OrderDescending()];
        Assert.Equal((mated.Length, strangers.Length), (result.Mated, result.NonMated));
        if (mated.Length == 0 || strangers.Length == 0) return;
        for (int i = 0; i < ranks.Length; i++)
        {
            int hits = mated.Count(p => Enumerable.Range(0, identities).OrderByDescending(g =>
                similarity[p][g]).Take(ranks[i]).Contains(probeIds[p]));
            Assert.Equal((double)hits / mated.Length, result.Ranks[i].Share, 12);
        }

        for (int i = 0; i < rates.Length; i++)
        {
            double threshold = strangers[Math.Max((int)(strangers.Length * rates[i]) - 1, 0)];
            int hits = mated.Count(p => similarity[p][probeIds[p]] > threshold
                && similarity[p].Where((_, g) => g != probeIds[p]).All(other => other < similarity[p][probeIds[p]]));
            Assert.Equal((double)hits / mated.Length, result.Points[i].TruePositiveRate, 12);
            Assert.Equal(threshold, result.Points[i].Threshold, 5);
        }
    }

    [Fact]
    public void What_cannot_be_identified_is_refused()
    {
        var rows = Rows([0, 1]);
        Assert.Throws<InvalidInputException>(
            () => IdentificationEvaluator.Evaluate(new EmbeddingRows(default, 2), [], rows, [1, 2], [0.1], [1]));
        Assert.Throws<ArgumentException>(() => IdentificationEvaluator.Evaluate(rows, [1], rows, [1, 2], [0.1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => IdentificationEvaluator.Evaluate(rows, [1, 2], rows, [1, 2], [0], [1]));
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    private static EmbeddingRows Rows(float[] degrees) =>
        new(degrees.SelectMany(angle => new[] { MathF.Cos(angle * MathF.PI / 180), MathF.Sin(angle * MathF.PI / 180) }).ToArray(), 2);
}
