using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// Looks for the range whose rounding and cutting off have the least squared error together, on the histogram: first each end on a grid,
/// then finer around the best. The two ends are looked for apart, so a SiLU's short negative side keeps its steps.
/// </summary>
internal static class MeanSquaredErrorSearch
{
    // Ends are cut down to this share of the extremes.
    private const double Smallest = 0.05;

    private const int GridSteps = 16, Rounds = 3;

    public static ValueRange Choose(ValueStatistics numbers, QuantizationScheme scheme)
    {
        var bins = Enumerable.Range(0, ValueStatistics.Bins).Where(bin => numbers.Counts[bin] > 0)
            .Select(bin => (Number: numbers.CenterOf(bin), Count: (double)numbers.Counts[bin])).ToArray();
        double min = Math.Min(numbers.Min, 0), max = Math.Max(numbers.Max, 0);
        double low = 1, high = 1, width = 1 - Smallest, best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++, width /= GridSteps / 2.0)
        {
            var (centerLow, centerHigh) = (low, high);
            foreach (double a in Grid(centerLow, width, min < 0 && !scheme.IsSymmetric))
            foreach (double b in Grid(centerHigh, width, max > 0 || scheme.IsSymmetric))
            {
                var range = new ValueRange((float)(min * (scheme.IsSymmetric ? b : a)), (float)(max * b));
                double error = ErrorOf(bins, scheme.QuantizationFor(range), scheme);
                // At equal errors the wider range, which the next image may need.
                if (error < best * (1 - 1e-9)) (best, low, high) = (error, scheme.IsSymmetric ? b : a, b);
            }
        }

        return new ValueRange((float)(min * low), (float)(max * high));
    }

    private static IEnumerable<double> Grid(double center, double width, bool isFree)
    {
        if (!isFree)
        {
            yield return 1;
            yield break;
        }

        // From the whole range down.
        for (int i = 0; i <= GridSteps; i++)
        {
            double at = center + (width * (1 - (2.0 * i / GridSteps)) / (center < 1 ? 2 : 1));
            if (at is >= Smallest and <= 1) yield return at;
        }
    }

    private static double ErrorOf((double Number, double Count)[] bins, ValueQuantization quantization, QuantizationScheme scheme)
    {
        var (lowest, highest) = quantization.Bounds(scheme.Arithmetic);
        double scale = quantization.Scale, min = (lowest - quantization.ZeroPoint) * scale, max = (highest - quantization.ZeroPoint) * scale;
        double error = 0;
        foreach (var (number, count) in bins)
        {
            double difference = number < min ? number - min : number > max ? number - max : number - (Math.Round(number / scale) * scale);
            // What is rounded within a bin's width is of any size up to half a step.
            error += count * difference * difference;
        }

        return error;
    }
}
