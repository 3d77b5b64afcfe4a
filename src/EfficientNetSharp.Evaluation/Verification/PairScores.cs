namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>Scores of pairs of rows: the larger, the more alike.</summary>
public static class PairScores
{
    /// <summary>
    /// The cosine of each pair, summed in double precision, with rows of any length; 0 for a row of zeros, which has no direction. The
    /// sum of products of normalised rows in single precision differs from it by some 1e-7.
    /// </summary>
    /// <param name="rows">The embeddings.</param>
    /// <param name="pairs">The pairs.</param>
    /// <returns>The cosines in the order of the pairs, within −1 … 1.</returns>
    /// <exception cref="ArgumentException">A pair names a row that there is not.</exception>
    public static double[] Cosines(EmbeddingRows rows, ReadOnlyMemory<RowPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RowPair.Check(pairs.Span, rows.Count);
        double[] inverses = new double[rows.Count];
        Parallel.For(0, rows.Count, row => inverses[row] = rows.NormOf(row) is var norm && norm > 0 ? 1 / norm : 0);
        double[] scores = new double[pairs.Length];
        Parallel.For(0, pairs.Length, i =>
        {
            var pair = pairs.Span[i];
            double cosine = Product(rows[pair.First], rows[pair.Second]) * inverses[pair.First] * inverses[pair.Second];
            scores[i] = Math.Clamp(cosine, -1, 1);
        });
        return scores;
    }

    // Four sums, since one would wait for itself at each step.
    private static double Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i + 4 <= a.Length; i += 4)
        {
            s0 += (double)a[i] * b[i];
            s1 += (double)a[i + 1] * b[i + 1];
            s2 += (double)a[i + 2] * b[i + 2];
            s3 += (double)a[i + 3] * b[i + 3];
        }

        for (; i < a.Length; i++) s0 += (double)a[i] * b[i];
        return s0 + s1 + (s2 + s3);
    }
}
