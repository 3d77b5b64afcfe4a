namespace EfficientNetSharp.Evaluation.Tests.Verification;

/// <summary>
/// The protocols of arcface_torch and FaceX-Zoo written out as their definitions say, threshold by threshold and pair by pair, as slow as
/// that is.
/// </summary>
internal static class LiteralProtocols
{
    public static double[] SquaredDistances(EmbeddingRows rows, EmbeddingRows? flipped, int pairs)
    {
        double[][] unit = [.. Enumerable.Range(0, rows.Count).Select(row =>
        {
            double[] sum = [.. rows[row].ToArray().Select((value, i) => (double)value + (flipped is null ? 0 : flipped[row][i]))];
            double norm = Math.Sqrt(sum.Sum(value => value * value));
            return norm == 0 ? sum : [.. sum.Select(value => value / norm)];
        })];
        return [.. Enumerable.Range(0, pairs).Select(
            pair => unit[2 * pair].Zip(unit[(2 * pair) + 1], (a, b) => (a - b) * (a - b)).Sum())];
    }

    public static (double[] Accuracies, double[] Thresholds) InsightFace(double[] distances, bool[] same, int folds)
    {
        double[] thresholds = [.. Enumerable.Range(0, 400).Select(i => i * 0.01)];
        var (accuracies, chosen) = (new List<double>(), new List<double>());
        foreach (var (train, test) in KFold(distances.Length, folds))
        {
            double best = double.NegativeInfinity, threshold = 0;
            foreach (double candidate in thresholds)
            {
                double accuracy = Accuracy(candidate, train, distances, same);
                if (accuracy > best) (best, threshold) = (accuracy, candidate);
            }

            chosen.Add(threshold);
            accuracies.Add(Accuracy(threshold, test, distances, same));
        }

        return ([.. accuracies], [.. chosen]);
    }

    public static (double[] Rates, double[] Fars, double[] Thresholds) Validation(double[] distances, bool[] same, int folds)
    {
        double[] thresholds = [.. Enumerable.Range(0, 4000).Select(i => i * 0.001)];
        var (rates, fars, chosen) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var (train, test) in KFold(distances.Length, folds))
        {
            double[] far = [.. thresholds.Select(threshold => Share(train, i => distances[i] < threshold, i => !same[i]))];
            double found = 0;
            if (far.Max() >= 1e-3)
            {
                int last = Array.FindLastIndex(far, value => value <= 1e-3);
                found = thresholds[last] + ((1e-3 - far[last]) / (far[last + 1] - far[last]) * (thresholds[last + 1] - thresholds[last]));
            }

            chosen.Add(found);
            rates.Add(Share(test, i => distances[i] < found, i => same[i]));
            fars.Add(Share(test, i => distances[i] < found, i => !same[i]));
        }

        return ([.. rates], [.. fars], [.. chosen]);
    }

    public static double[] FaceXZoo(float[] scores, bool[] same, int folds)
    {
        var accuracies = new List<double>();
        foreach (var (train, test) in KFold(scores.Length, folds))
        {
            float min = train.Min(i => scores[i]), max = train.Max(i => scores[i]), step = (max - min) / 1000;
            double best = double.NegativeInfinity, threshold = 0;
            for (int i = 1; i <= 1000; i++)
            {
                double candidate = min + ((double)step * i);
                double gain = Share(train, pair => scores[pair] > candidate, pair => same[pair])
                    - Share(train, pair => scores[pair] > candidate, pair => !same[pair]);
                if (gain > best) (best, threshold) = (gain, candidate);
            }

            accuracies.Add(test.Count(i => same[i] ? scores[i] > threshold : scores[i] < threshold) / (double)test.Length);
        }

        return [.. accuracies];
    }

    private static IEnumerable<(int[] Train, int[] Test)> KFold(int count, int folds)
    {
        int start = 0;
        for (int fold = 0; fold < folds; fold++)
        {
            int size = (count / folds) + (fold < count % folds ? 1 : 0);
            int[] test = [.. Enumerable.Range(start, size)];
            yield return ([.. Enumerable.Range(0, count).Except(test)], test);
            start += size;
        }
    }

    private static double Accuracy(double threshold, int[] set, double[] distances, bool[] same) =>
        set.Count(i => distances[i] < threshold == same[i]) / (double)set.Length;

    private static double Share(int[] set, Func<int, bool> holds, Func<int, bool> among) =>
        set.Count(i => among(i) && holds(i)) / (double)set.Count(among);
}
