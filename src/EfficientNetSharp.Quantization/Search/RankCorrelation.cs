namespace EfficientNetSharp.Quantization.Search;

/// <summary>Spearman's rank correlation.</summary>
internal static class RankCorrelation
{
    /// <summary>How far two measures have one order: 1 for the same, −1 for the opposite; equal values have their mean rank.</summary>
    /// <returns><see langword="null"/> with fewer than three values, or where one measure tells nothing apart.</returns>
    public static double? Of(double[] a, double[] b)
    {
        if (a.Length < 3) return null;
        var (x, y) = (Ranks(a), Ranks(b));
        double mean = (a.Length + 1) / 2.0, xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < a.Length; i++)
        {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }

        return xx == 0 || yy == 0 ? null : xy / Math.Sqrt(xx * yy);
    }

    private static double[] Ranks(double[] values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) + 1) / 2.0))];
}
