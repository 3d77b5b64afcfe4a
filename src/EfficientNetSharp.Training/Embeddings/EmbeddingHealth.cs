using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// Whether embeddings are any: a network that has collapsed gives all images one direction, and its loss may look as if it learned.
/// </summary>
/// <param name="MeanLength">Mean Euclidean length.</param>
/// <param name="LengthDeviation">Standard deviation of the lengths.</param>
/// <param name="Spread">
/// The variance of the normalised embeddings, summed over their features: near 0 all are one, near 1 they point everywhere.
/// </param>
/// <param name="StrangerCosine">Mean cosine between images of different identities.</param>
internal sealed record EmbeddingHealth(double MeanLength, double LengthDeviation, double Spread, double StrangerCosine)
{
    // A network that has learned has strangers near 0, a young one up to some 0.7; the pairs are enough for two digits.
    private const double CollapsedCosine = 0.95, MinLength = 1e-4;

    private const int MaxPairs = 20_000;

    private const string Causes = "Usual causes: the learning rate is too high; a full margin from drawn weights (lower it, or use " +
        "--margin-warmup, --cosface-epochs or --from); identities that are mixed up or of one image each; images that are not cropped alike.";

    /// <summary>That of some embeddings.</summary>
    public static EmbeddingHealth Of(EmbeddingRows rows, ReadOnlySpan<int> labels)
    {
        var unit = rows.Normalized();
        double[] lengths = [.. Enumerable.Range(0, rows.Count).Select(rows.NormOf)];
        double mean = lengths.Average(), variance = lengths.Average(length => (length - mean) * (length - mean));
        double[] center = new double[rows.Length];
        for (int i = 0; i < rows.Count; i++)
        {
            var row = unit[i];
            for (int k = 0; k < row.Length; k++) center[k] += row[k] / rows.Count;
        }

        // Unit rows: the mean of |x|² is 1 where none is 0.
        double squares = Enumerable.Range(0, rows.Count).Average(i => Dot(unit[i], unit[i]));
        return new EmbeddingHealth(mean, Math.Sqrt(variance), squares - center.Sum(value => value * value), CosineOfStrangers(unit, labels));
    }

    /// <summary>What a person should know; <see langword="null"/> where all is well.</summary>
    /// <param name="measure">What the epoch is judged by.</param>
    /// <param name="score">Its value.</param>
    /// <param name="images">Images that it is of.</param>
    public string? Warning(Measure measure, double score, int images)
    {
        string? what = null;
        if (MeanLength < MinLength)
            what = FormattableString.Invariant($"the embeddings are of length {MeanLength:G3}");
        else if (StrangerCosine > CollapsedCosine)
            what = FormattableString.Invariant($"images of different identities have a mean cosine of {StrangerCosine:F3}, the variance of the embeddings is {Spread:G3}");
        else if (measure == EmbeddingMeasures.Verification && score < 0.5 + (1 / Math.Sqrt(images)))
            what = FormattableString.Invariant($"verification is {100 * score:F1} %, no better than chance; lengths are {MeanLength:F2} ± {LengthDeviation:F2}");
        return what is null ? null : $"the network tells no identities apart: {what}. {Causes}";
    }

    private static double CosineOfStrangers(EmbeddingRows unit, ReadOnlySpan<int> labels)
    {
        var random = new SeededRandom(1);
        double sum = 0;
        int pairs = 0, count = unit.Count;
        if (count < 2) return 0;
        for (int draw = 0; draw < MaxPairs; draw++)
        {
            int first = random.NextInt(count), second = random.NextInt(count);
            if (labels[first] == labels[second]) continue;
            sum += Dot(unit[first], unit[second]);
            pairs++;
        }

        return pairs == 0 ? 0 : sum / pairs;
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
