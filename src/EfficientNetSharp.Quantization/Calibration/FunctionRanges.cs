using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.IntegerMath;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// Ranges of values that only a function takes, such as a convolution's before its SiLU: what counts is the error behind the function. A
/// SiLU makes next to nothing of what is far below zero, and steps spent there are lost to its short negative lobe and to what is above.
/// </summary>
public static class FunctionRanges
{
    private const int Steps = 12, Rounds = 3;

    // Ends are cut down to this share of the extremes.
    private const double Smallest = 0.02;

    /// <summary>Searches the ranges of all values before functions.</summary>
    /// <param name="graph">The folded network.</param>
    /// <param name="values">What is known of each node's value.</param>
    /// <param name="ranges">Ranges of all values; those of functions are taken from here.</param>
    /// <param name="scheme">How numbers become integers.</param>
    /// <returns>The ranges, those before functions replaced.</returns>
    public static ImmutableDictionary<string, ValueRange> Refine(
        Graph graph, IReadOnlyDictionary<string, ValueStatistics> values, IReadOnlyDictionary<string, ValueRange> ranges,
        QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(scheme);
        var refined = ranges.ToImmutableDictionary(StringComparer.Ordinal);
        // With 65,536 steps there is nothing to win.
        if (scheme.ValueType == ElementType.I16) return refined;
        var uses = graph.CountUses();
        (string Name, ActivationKind Kind, string Function)[] searched =
        [
            .. graph.Nodes.Where(node => node.Operator is Activation && uses[node.Inputs[0]] == 1 && node.Inputs[0] > 0)
                .Select(node => (graph.Nodes[node.Inputs[0]].Name, ((Activation)node.Operator).Kind, node.Name))
                .Where(one => one.Kind is ActivationKind.Silu or ActivationKind.HardSwish or ActivationKind.Sigmoid or ActivationKind.HardSigmoid
                    && values[one.Item1].Count > 0),
        ];
        var found = new ValueRange[searched.Length];
        Parallel.For(0, found.Length, i => found[i] = Search(values[searched[i].Name], searched[i].Kind, ranges[searched[i].Function], scheme));
        return refined.SetItems(searched.Select((one, i) => KeyValuePair.Create(one.Name, found[i])));
    }

    private static ValueRange Search(ValueStatistics numbers, ActivationKind kind, ValueRange output, QuantizationScheme scheme)
    {
        var result = Making.PlanMaker.QuantizationOf(kind, output, scheme);
        (double Number, double Count, double Wanted)[] bins =
        [
            .. Enumerable.Range(0, ValueStatistics.Bins).Where(bin => numbers.Counts[bin] > 0)
                .Select(bin => (numbers.CenterOf(bin), (double)numbers.Counts[bin], FunctionTable.Compute(kind, numbers.CenterOf(bin)))),
        ];
        double min = Math.Min(numbers.Min, 0), max = Math.Max(numbers.Max, 0);
        double low = 1, high = 1, width = 1 - Smallest, best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++, width /= Steps / 2.0)
        {
            var (centerLow, centerHigh) = (low, high);
            foreach (double a in Shares(centerLow, width, min < 0 && !scheme.IsSymmetric))
            foreach (double b in Shares(centerHigh, width, max > 0 || scheme.IsSymmetric))
            {
                double error = ErrorOf(new ValueRange((float)(min * (scheme.IsSymmetric ? b : a)), (float)(max * b)));
                if (error < best * (1 - 1e-9)) (best, low, high) = (error, scheme.IsSymmetric ? b : a, b);
            }
        }

        return new ValueRange((float)(min * low), (float)(max * high));

        double ErrorOf(ValueRange range)
        {
            var quantization = scheme.QuantizationFor(range);
            int[] table = FunctionTable.Of(kind, quantization, result, scheme.Arithmetic);
            var (lowest, highest) = quantization.Bounds(scheme.Arithmetic);
            int first = FunctionTable.LowestOf(quantization);
            double error = 0;
            foreach (var (number, count, wanted) in bins)
            {
                int integer = (int)Math.Clamp(Math.Round(number / quantization.Scale) + quantization.ZeroPoint, lowest, highest);
                double difference = IntegerRounding.Dequantize(table[integer - first], result) - wanted;
                error += count * difference * difference;
            }

            return error;
        }
    }

    private static IEnumerable<double> Shares(double center, double width, bool isFree)
    {
        if (!isFree)
        {
            yield return 1;
            yield break;
        }

        for (int i = 0; i <= Steps; i++)
        {
            double at = center + (width * (1 - (2.0 * i / Steps)) / (center < 1 ? 2 : 1));
            if (at is >= Smallest and <= 1) yield return at;
        }
    }
}
