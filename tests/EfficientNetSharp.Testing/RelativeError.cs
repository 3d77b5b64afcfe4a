namespace EfficientNetSharp.Testing;

/// <summary>‖actual − expected‖ / ‖expected‖.</summary>
public static class RelativeError
{
    /// <summary>The largest over the rows; NaN where a value is.</summary>
    public static double OfRows(ReadOnlySpan<float> actual, IReadOnlyList<double[]> expected)
    {
        int length = actual.Length / expected.Count;
        double worst = 0;
        for (int row = 0; row < expected.Count; row++) worst = Math.Max(worst, Of(actual.Slice(row * length, length), expected[row]));
        return worst;
    }

    /// <summary>The largest over <paramref name="rows"/> rows of equal length; NaN where a value is.</summary>
    public static double OfRows(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, int rows)
    {
        if (actual.Length != expected.Length) throw new ArgumentException($"{expected.Length} values are expected, found {actual.Length}.",
            nameof(actual));
        int length = expected.Length / rows;
        var split = new double[rows][];
        for (int row = 0; row < rows; row++)
        {
            split[row] = new double[length];
            for (int i = 0; i < length; i++) split[row][i] = expected[(row * length) + i];
        }

        return OfRows(actual, split);
    }

    private static double Of(ReadOnlySpan<float> actual, double[] expected)
    {
        if (actual.Length != expected.Length) throw new ArgumentException($"{expected.Length} values are expected, found {actual.Length}.",
            nameof(actual));
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        return Math.Sqrt(difference / norm);
    }
}
