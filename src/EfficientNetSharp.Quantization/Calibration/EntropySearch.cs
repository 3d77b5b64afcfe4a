namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// Looks for the range whose rounded numbers have the distribution nearest to that of the numbers cut off at it, by the
/// Kullback–Leibler divergence (Migacz 2017, as ONNX Runtime does it with 128 levels). Both ends are cut at the same magnitude, but
/// neither beyond the numbers seen.
/// </summary>
internal static class EntropySearch
{
    private const int Levels = 128, Candidates = 100;

    public static ValueRange Choose(ValueStatistics numbers, QuantizationScheme scheme)
    {
        double largest = Math.Max(-(double)numbers.Min, numbers.Max), best = double.PositiveInfinity, chosen = largest;
        int middle = ValueStatistics.Bins / 2;
        for (int candidate = Candidates; candidate > 0; candidate--)
        {
            double limit = largest * candidate / Candidates;
            int reach = Math.Min((int)Math.Ceiling(limit / numbers.Reach * middle), middle);
            if (reach < Levels / 2) break;
            double divergence = DivergenceOf(numbers.Counts, middle - reach, middle + reach);
            if (divergence < best) (best, chosen) = (divergence, limit);
        }

        return new ValueRange((float)Math.Max(numbers.Min, -chosen), (float)Math.Min(numbers.Max, chosen));
    }

    private static double DivergenceOf(ReadOnlySpan<long> counts, int first, int end)
    {
        int length = end - first;
        double[] numbers = new double[length], rounded = new double[length];
        double below = 0, above = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (i < first) below += counts[i];
            else if (i >= end) above += counts[i];
            else numbers[i - first] = counts[i];
        }

        for (int level = 0; level < Levels; level++)
        {
            int from = (int)((long)length * level / Levels), to = (int)((long)length * (level + 1) / Levels), filled = 0;
            double sum = 0;
            for (int i = from; i < to; i++)
            {
                sum += numbers[i];
                if (numbers[i] > 0) filled++;
            }

            for (int i = from; i < to; i++) rounded[i] = numbers[i] > 0 ? sum / filled : 0;
        }

        // What is cut off comes to lie at the ends, where the rounded distribution has no place for it.
        numbers[0] += below;
        numbers[^1] += above;
        double total = numbers.Sum(), roundedTotal = rounded.Sum(), divergence = 0;
        if (roundedTotal == 0) return double.PositiveInfinity;
        for (int i = 0; i < length; i++)
        {
            if (numbers[i] == 0) continue;
            double p = numbers[i] / total, q = Math.Max(rounded[i] / roundedTotal, 1e-9);
            divergence += p * Math.Log(p / q);
        }

        return divergence;
    }
}
