using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation;

/// <summary>Intervals of means over values that come in groups, within which they are not independent.</summary>
internal static class ClusterBootstrap
{
    private const double Confidence = 0.95;

    /// <summary>The mean of values, and the middle of its values where groups are drawn anew with replacement.</summary>
    public static Estimate OfMean(double[] values, int[] groups, int samples, ulong seed)
    {
        var sums = new List<(double Sum, int Count)>();
        foreach (var group in values.Zip(groups).GroupBy(value => value.Second).OrderBy(group => group.Key))
            sums.Add((group.Sum(value => value.First), group.Count()));
        double[] means = new double[samples];
        for (int sample = 0; sample < samples; sample++)
        {
            var random = new SeededRandom(seed, (ulong)sample);
            double sum = 0;
            long count = 0;
            for (int i = 0; i < sums.Count; i++)
            {
                var (own, size) = sums[random.NextInt(sums.Count)];
                sum += own;
                count += size;
            }

            means[sample] = sum / count;
        }

        Array.Sort(means);
        return new Estimate(
            values.Sum() / values.Length, new Interval(Quantile(means, (1 - Confidence) / 2), Quantile(means, (1 + Confidence) / 2)));
    }

    /// <summary>A quantile of sorted values, between two of them on the line (type 7 of Hyndman and Fan 1996).</summary>
    public static double Quantile(ReadOnlySpan<double> rising, double share)
    {
        double place = share * (rising.Length - 1);
        int low = (int)place;
        return low == rising.Length - 1 || rising[low] == rising[low + 1]
            ? rising[low]
            : rising[low] + ((place - low) * (rising[low + 1] - rising[low]));
    }
}
