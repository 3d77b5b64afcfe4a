namespace EfficientNetSharp.Inference.Integers;

/// <summary>How large sums of products can be, whatever the inputs.</summary>
/// <param name="range">The lowest and the highest input.</param>
internal readonly struct SumBounds((int Lowest, int Highest) range)
{
    /// <summary>The largest magnitude of a sum.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="bias">What is added.</param>
    public long LargestOf(ReadOnlySpan<long> weights, long bias)
    {
        long low = 0, high = 0;
        foreach (long weight in weights) (low, high) = (low + Low(weight), high + High(weight));
        return Math.Max(Math.Abs((long)Int128.Clamp((Int128)low + bias, -long.MaxValue, long.MaxValue)),
            Math.Abs((long)Int128.Clamp((Int128)high + bias, -long.MaxValue, long.MaxValue)));
    }

    /// <summary>
    /// So many pairs in a row, wherever they begin, have sums within 32 bits. At least 1, as two products of 16-bit integers that are not
    /// the lowest always have.
    /// </summary>
    /// <param name="weights">The weights.</param>
    public int SafePairsOf(ReadOnlySpan<long> weights)
    {
        int safe = (weights.Length + 1) / 2;
        long low = 0, high = 0;
        for (int first = 0, i = 0; i < weights.Length; i++)
        {
            (low, high) = (low + Low(weights[i]), high + High(weights[i]));
            while (Math.Max(high, -low) > int.MaxValue)
            {
                (low, high) = (low - Low(weights[first]), high - High(weights[first]));
                first++;
                safe = Math.Min(safe, Math.Max(1, (i - first) / 2));
            }
        }

        return safe;
    }

    private long Low(long weight) => Math.Min(weight * range.Lowest, weight * range.Highest);

    private long High(long weight) => Math.Max(weight * range.Lowest, weight * range.Highest);
}
