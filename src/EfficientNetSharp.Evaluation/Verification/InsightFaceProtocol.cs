using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// The ten-fold protocol of Labeled Faces in the Wild as insightface has it (arcface_torch, <c>eval/verification.py</c>), to the digit.
/// The embeddings of each image and its mirror image are summed and scaled to length 1; a pair counts as the same where its squared
/// distance is below a threshold; each fold is judged with the threshold that is best on the others.
/// </summary>
/// <remarks>Not interchangeable with <see cref="FaceXZooProtocol"/>, which differs in each of these steps.</remarks>
public static class InsightFaceProtocol
{
    private const int Folds = 10;

    // np.arange(0, 4, 0.01) and np.arange(0, 4, 0.001).
    private const double MaxDistance = 4, Step = 0.01, FineStep = 0.001;

    private const double ValidationFar = 1e-3;

    /// <summary>Measures embeddings over pairs.</summary>
    /// <param name="rows">The images' embeddings as the network gives them.</param>
    /// <param name="flipped">The embeddings of the mirror images, in the same order; <see langword="null"/> to leave them out.</param>
    /// <param name="pairs">The pairs in the order of the folds, which are tenths of neighbours.</param>
    /// <param name="folds">Folds, at least 2; default 10.</param>
    /// <exception cref="ArgumentException">The sets of rows differ in size, or a pair names a row that there is not.</exception>
    /// <exception cref="InvalidInputException">There are fewer pairs than folds.</exception>
    public static InsightFaceResult Evaluate(
        EmbeddingRows rows, EmbeddingRows? flipped, ReadOnlyMemory<RowPair> pairs, int folds = Folds)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RowPair.Check(pairs.Span, rows.Count);
        var ranges = ContiguousFolds.Of(pairs.Length, folds);
        double[] distances = Distances(rows, flipped, pairs);
        var (accuracies, thresholds) = Accuracies(distances, pairs.Span, ranges);
        return new InsightFaceResult
        {
            Accuracy = Mean(accuracies),
            AccuracyDeviation = Deviation(accuracies),
            FoldAccuracies = [.. accuracies],
            FoldThresholds = [.. thresholds],
            Validation = Validate(distances, pairs.Span, ranges),
            MeanNorm = MeanNorm(rows, flipped, pairs.Span),
        };
    }

    /// <summary>Measures embeddings as <c>.bin</c> sets have them: rows 2k and 2k + 1 are pair k.</summary>
    /// <param name="rows">The images' embeddings as the network gives them.</param>
    /// <param name="flipped">The embeddings of the mirror images, in the same order; <see langword="null"/> to leave them out.</param>
    /// <param name="same">For each pair whether both are of one identity.</param>
    /// <exception cref="ArgumentException">There are not two rows per pair.</exception>
    /// <exception cref="InvalidInputException">There are fewer pairs than folds.</exception>
    public static InsightFaceResult Evaluate(EmbeddingRows rows, EmbeddingRows? flipped, ReadOnlySpan<bool> same) =>
        Evaluate(rows, flipped, RowPair.Consecutive(same).AsMemory());

    private static double[] Distances(EmbeddingRows rows, EmbeddingRows? flipped, ReadOnlyMemory<RowPair> pairs)
    {
        if (flipped is not null && (flipped.Count != rows.Count || flipped.Length != rows.Length))
        {
            throw new ArgumentException(
                $"{rows.Count} rows of {rows.Length} values are expected, not {flipped.Count} of {flipped.Length}.", nameof(flipped));
        }

        double[] norms = new double[rows.Count];
        Parallel.For(0, rows.Count, row =>
        {
            var own = rows[row];
            var mirror = flipped is null ? default : flipped[row];
            double squares = 0;
            for (int i = 0; i < own.Length; i++)
            {
                double value = mirror.IsEmpty ? own[i] : (double)own[i] + mirror[i];
                squares += value * value;
            }

            // As scikit-learn's normalize: zeros stay zeros.
            norms[row] = squares == 0 ? 1 : Math.Sqrt(squares);
        });
        double[] distances = new double[pairs.Length];
        Parallel.For(0, pairs.Length, i => distances[i] = Distance(rows, flipped, norms, pairs.Span[i]));
        return distances;
    }

    private static double Distance(EmbeddingRows rows, EmbeddingRows? flipped, double[] norms, RowPair pair)
    {
        ReadOnlySpan<float> a = rows[pair.First], b = rows[pair.Second];
        ReadOnlySpan<float> mirrorA = flipped is null ? default : flipped[pair.First],
            mirrorB = flipped is null ? default : flipped[pair.Second];
        double normA = norms[pair.First], normB = norms[pair.Second], squares = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double first = mirrorA.IsEmpty ? a[i] : (double)a[i] + mirrorA[i], second = mirrorB.IsEmpty ? b[i] : (double)b[i] + mirrorB[i];
            double difference = (first / normA) - (second / normB);
            squares += difference * difference;
        }

        return squares;
    }

    private static (double[] Accuracies, double[] Thresholds) Accuracies(double[] distances, ReadOnlySpan<RowPair> pairs, Range[] folds)
    {
        var all = new ThresholdCounts(distances, pairs, Step, MaxDistance);
        double[] accuracies = new double[folds.Length], thresholds = new double[folds.Length];
        for (int fold = 0; fold < folds.Length; fold++)
        {
            var held = new ThresholdCounts(distances.AsSpan(folds[fold]), pairs[folds[fold]], Step, MaxDistance);
            // The first of the best, as np.argmax has it.
            int best = 0;
            long right = -1;
            for (int i = 0; i < all.Thresholds; i++)
            {
                long here = all.Right(i) - held.Right(i);
                if (here > right) (best, right) = (i, here);
            }

            thresholds[fold] = best * Step;
            accuracies[fold] = (double)held.Right(best) / held.Count;
        }

        return (accuracies, thresholds);
    }

    private static ValidationRate? Validate(double[] distances, ReadOnlySpan<RowPair> pairs, Range[] folds)
    {
        var all = new ThresholdCounts(distances, pairs, FineStep, MaxDistance);
        double[] rates = new double[folds.Length], fars = new double[folds.Length], thresholds = new double[folds.Length];
        for (int fold = 0; fold < folds.Length; fold++)
        {
            var held = new ThresholdCounts(distances.AsSpan(folds[fold]), pairs[folds[fold]], FineStep, MaxDistance);
            long impostors = all.Impostors - held.Impostors;
            if (held.Genuine == 0 || held.Impostors == 0 || impostors == 0) return null;
            double threshold = thresholds[fold] = Interpolate(
                i => (double)(all.FalseAccepts(i) - held.FalseAccepts(i)) / impostors, all.Thresholds);
            long accepted = 0, falselyAccepted = 0;
            var (start, length) = folds[fold].GetOffsetAndLength(pairs.Length);
            for (int i = start; i < start + length; i++)
            {
                if (!(distances[i] < threshold)) continue;
                if (pairs[i].IsSame) accepted++;
                else falselyAccepted++;
            }

            rates[fold] = (double)accepted / held.Genuine;
            fars[fold] = (double)falselyAccepted / held.Impostors;
        }

        return new ValidationRate(ValidationFar, Mean(rates), Deviation(rates), Mean(fars), [.. thresholds]);
    }

    // The line between the last threshold whose rate is not above the target and the next one. Rates stay the same over many thresholds,
    // and SciPy's spline of order 1 takes the last of them.
    private static double Interpolate(Func<int, double> far, int thresholds)
    {
        if (far(thresholds - 1) < ValidationFar) return 0;
        int low = 0, high = thresholds - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (far(middle) <= ValidationFar) low = middle;
            else high = middle - 1;
        }

        if (low == thresholds - 1) return low * FineStep;
        double below = far(low), above = far(low + 1), from = low * FineStep, to = (low + 1) * FineStep;
        return ((from * (above - ValidationFar)) + (to * (ValidationFar - below))) / (above - below);
    }

    // Over the pairs' members, an image counting as often as it is in a pair: the set's rows are the pairs' members there.
    private static double MeanNorm(EmbeddingRows rows, EmbeddingRows? flipped, ReadOnlySpan<RowPair> pairs)
    {
        double[] norms = new double[rows.Count];
        for (int row = 0; row < norms.Length; row++)
            norms[row] = flipped is null ? rows.NormOf(row) : (rows.NormOf(row) + flipped.NormOf(row)) / 2;
        double sum = 0;
        foreach (var pair in pairs) sum += norms[pair.First] + norms[pair.Second];
        return sum / (2.0 * pairs.Length);
    }

    private static double Mean(double[] values) => values.Sum() / values.Length;

    private static double Deviation(double[] values)
    {
        double mean = Mean(values);
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
    }
}
