namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// The ten-fold protocol of Labeled Faces in the Wild as FaceX-Zoo has it (<c>test_protocol/lfw/lfw_evaluator.py</c>): cosines in single
/// precision without mirror images; 1000 thresholds between the smallest and the largest score of the other folds, of which the first is
/// taken where the share of accepted genuine pairs exceeds that of accepted impostor pairs by the most; the standard error of the mean.
/// </summary>
/// <remarks>Not interchangeable with <see cref="InsightFaceProtocol"/>.</remarks>
public static class FaceXZooProtocol
{
    private const int Folds = 10, Thresholds = 1000;

    /// <summary>Measures embeddings over pairs.</summary>
    /// <param name="rows">The images' embeddings, of any length.</param>
    /// <param name="pairs">The pairs in the order of the folds, which are tenths of neighbours.</param>
    /// <param name="folds">Folds, at least 2; default 10.</param>
    /// <exception cref="ArgumentException">A pair names a row that there is not.</exception>
    /// <exception cref="InvalidInputException">There are fewer pairs than folds, or folds without one kind of pairs.</exception>
    public static FaceXZooResult Evaluate(EmbeddingRows rows, ReadOnlyMemory<RowPair> pairs, int folds = Folds)
    {
        var ranges = ContiguousFolds.Of(pairs.Length, folds);
        float[] scores = Array.ConvertAll(PairScores.Cosines(rows, pairs), score => (float)score);
        double[] accuracies = new double[folds], thresholds = new double[folds];
        for (int fold = 0; fold < folds; fold++)
        {
            double threshold = thresholds[fold] = ThresholdOfOthers(scores, pairs.Span, ranges[fold]);
            var (start, length) = ranges[fold].GetOffsetAndLength(scores.Length);
            int right = 0;
            for (int i = start; i < start + length; i++)
            {
                if (pairs.Span[i].IsSame ? scores[i] > threshold : scores[i] < threshold) right++;
            }

            accuracies[fold] = (double)right / length;
        }

        double mean = accuracies.Average();
        double variance = accuracies.Sum(accuracy => (accuracy - mean) * (accuracy - mean)) / (folds - 1);
        return new FaceXZooResult
        {
            Accuracy = mean,
            StandardError = Math.Sqrt(variance) / Math.Sqrt(folds),
            FoldAccuracies = [.. accuracies],
            FoldThresholds = [.. thresholds],
        };
    }

    private static double ThresholdOfOthers(float[] scores, ReadOnlySpan<RowPair> pairs, Range held)
    {
        var (start, length) = held.GetOffsetAndLength(scores.Length);
        var (genuine, impostors) = (new List<float>(), new List<float>());
        for (int i = 0; i < scores.Length; i++)
        {
            if (i < start || i >= start + length) (pairs[i].IsSame ? genuine : impostors).Add(scores[i]);
        }

        if (genuine.Count == 0 || impostors.Count == 0)
        {
            throw new InvalidInputException(
                $"Expected genuine and impostor pairs in nine of ten folds, found {genuine.Count} and {impostors.Count}; mix the order of the pairs.");
        }

        genuine.Sort();
        impostors.Sort();
        float min = Math.Min(genuine[0], impostors[0]), max = Math.Max(genuine[^1], impostors[^1]), step = (max - min) / Thresholds;
        double best = double.NegativeInfinity, chosen = 0;
        int rejected = 0, rejectedImpostors = 0;
        for (int i = 1; i <= Thresholds; i++)
        {
            double threshold = min + ((double)step * i);
            while (rejected < genuine.Count && !(genuine[rejected] > threshold)) rejected++;
            while (rejectedImpostors < impostors.Count && !(impostors[rejectedImpostors] > threshold)) rejectedImpostors++;
            double gain = ((double)(genuine.Count - rejected) / genuine.Count)
                - ((double)(impostors.Count - rejectedImpostors) / impostors.Count);
            if (gain > best) (best, chosen) = (gain, threshold);
        }

        return chosen;
    }
}
