using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>
/// The share of a value's entropy that rounding loses, the kind of measure by which VeriSilicon's toolkit proposes layers for 16 bits
/// (<c>--compute-entropy</c>: 0 to 1, higher is worse; its formula is not published, so this is a reading of it).
/// </summary>
internal static class LayerEntropy
{
    /// <summary>Entropy of the histogram against that of the integers which its bins become.</summary>
    /// <param name="numbers">What is known of a value.</param>
    /// <param name="range">The range that it is rounded in.</param>
    /// <param name="scheme">How.</param>
    public static double LossOf(ValueStatistics numbers, ValueRange range, QuantizationScheme scheme)
    {
        var quantization = scheme.QuantizationFor(range);
        var (min, max) = quantization.Bounds(scheme.Arithmetic);
        var integers = new Dictionary<int, long>();
        double before = 0;
        long total = 0;
        foreach (long count in numbers.Counts) total += count;
        if (total == 0) return 0;
        for (int bin = 0; bin < ValueStatistics.Bins; bin++)
        {
            long count = numbers.Counts[bin];
            if (count == 0) continue;
            before -= count * Math.Log2((double)count / total);
            int integer = (int)Math.Clamp(Math.Round(numbers.CenterOf(bin) / quantization.Scale) + quantization.ZeroPoint, min, max);
            integers[integer] = integers.GetValueOrDefault(integer) + count;
        }

        double after = -integers.Values.Sum(count => count * Math.Log2((double)count / total));
        return before <= 0 ? 0 : Math.Clamp(1 - (after / before), 0, 1);
    }
}
