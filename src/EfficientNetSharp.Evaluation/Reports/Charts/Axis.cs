using System.Collections.Immutable;
using System.Globalization;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>How an axis maps values to lengths.</summary>
internal enum AxisKind
{
    /// <summary>Equal differences take equal lengths; the range ends on ticks.</summary>
    Linear,

    /// <summary>Whole numbers, such as epochs; the range ends where the values end.</summary>
    WholeNumbers,

    /// <summary>Equal ratios take equal lengths; values that are not positive have no place.</summary>
    Logarithmic,
}

/// <summary>An axis: its range, the values marked on it, and where they fall.</summary>
internal sealed class Axis
{
    // A tick that rounding pushes this share of a step over the edge still counts.
    private const double Slack = 1e-6;

    // Labels of more ticks than this run into each other on a logarithmic axis.
    private const int MaxLogarithmicTicks = 13;

    private readonly bool _logarithmic;

    private Axis(double minimum, double maximum, double step, double from, double to)
        : this(minimum, maximum, step, from, to, Multiples(minimum, maximum, step), logarithmic: false)
    {
    }

    private Axis(double minimum, double maximum, double step, double from, double to, ImmutableArray<double> ticks, bool logarithmic)
    {
        (Minimum, Maximum, Step, From, To, Ticks) = (minimum, maximum, step, from, to, ticks);
        _logarithmic = logarithmic;
    }

    public double Minimum { get; }

    public double Maximum { get; }

    /// <summary>From one tick to the next: 1, 2 or 5 times a power of ten. On a logarithmic axis, the shortest such step.</summary>
    public double Step { get; }

    /// <summary>Pixel of the minimum.</summary>
    public double From { get; }

    /// <summary>Pixel of the maximum.</summary>
    public double To { get; }

    public ImmutableArray<double> Ticks { get; }

    /// <summary>An axis whose range is widened to ticks on both ends.</summary>
    /// <param name="values">What must fit; only finite ones are seen.</param>
    /// <param name="from">Pixel of the minimum.</param>
    /// <param name="to">Pixel of the maximum.</param>
    /// <param name="intervals">About how many steps there should be.</param>
    public static Axis Around(IEnumerable<double> values, double from, double to, int intervals = 5)
    {
        var (minimum, maximum) = Range(values);
        // Values that differ in their last digits only would give ticks that cannot be told apart.
        if (maximum - minimum <= 1e-9 * Math.Max(Math.Abs(minimum), Math.Abs(maximum)))
        {
            double margin = Math.Abs(minimum) * 0.1;
            (minimum, maximum) = minimum == 0 ? (0, 1) : (minimum - margin, maximum + margin);
        }

        double step = NiceStep((maximum - minimum) / intervals);
        return new Axis(Math.Floor((minimum / step) + Slack) * step, Math.Ceiling((maximum / step) - Slack) * step, step, from, to);
    }

    /// <summary>An axis of whole numbers that ends where the values end.</summary>
    public static Axis OfWholeNumbers(IEnumerable<double> values, double from, double to, int intervals = 6)
    {
        var (minimum, maximum) = Range(values);
        double step = Math.Max(1, NiceStep((maximum - minimum) / intervals));
        return minimum == maximum
            ? new Axis(minimum - 0.5, maximum + 0.5, step, from, to)
            : new Axis(minimum, maximum, step, from, to);
    }

    /// <summary>A logarithmic axis with a small margin on both ends; only positive values are seen.</summary>
    public static Axis Logarithmic(IEnumerable<double> values, double from, double to)
    {
        var (minimum, maximum) = Range(values.Where(value => value > 0));
        if (minimum <= 0) (minimum, maximum) = (1, 10);
        // A twenty-fifth of the range, and no less than a tenth of the value, so that a lone value has a range too.
        double margin = Math.Max(Math.Pow(maximum / minimum, 0.04), 1.1);
        (minimum, maximum) = (minimum / margin, maximum * margin);
        ImmutableArray<double> ticks = [.. PowersOfTen(minimum, maximum, 1, 2, 5)];
        if (ticks.Length > MaxLogarithmicTicks) ticks = [.. PowersOfTen(minimum, maximum, 1)];
        // Within less than a decade equal steps are as readable and are at hand everywhere.
        if (ticks.Length < 3) ticks = Multiples(minimum, maximum, NiceStep((maximum - minimum) / 8));
        double step = ticks.Zip(ticks.Skip(1), (low, high) => high - low).Append(ticks[0]).Min();
        return new Axis(minimum, maximum, step, from, to, ticks, logarithmic: true);
    }

    /// <summary>An axis of a kind around values, with about so many steps where it is not logarithmic.</summary>
    public static Axis Of(AxisKind kind, IEnumerable<double> values, double from, double to, int intervals) => kind switch
    {
        AxisKind.Logarithmic => Logarithmic(values, from, to),
        AxisKind.WholeNumbers => OfWholeNumbers(values, from, to, intervals),
        _ => Around(values, from, to, intervals),
    };

    /// <summary>An axis with both ends and the step given.</summary>
    public static Axis Fixed(double minimum, double maximum, double step, double from, double to) => new(minimum, maximum, step, from, to);

    /// <summary>The pixel of a value; not finite where the axis has no place for it.</summary>
    public double At(double value)
    {
        double share = _logarithmic
            ? Math.Log(value / Minimum) / Math.Log(Maximum / Minimum)
            : (value - Minimum) / (Maximum - Minimum);
        return From + (share * (To - From));
    }

    /// <summary>A tick as text, with as many digits as the step needs.</summary>
    public string Label(double tick)
    {
        if (tick == 0) return "0";
        if (Step < 1e-3 || Math.Abs(tick) >= 1e6) return tick.ToString("0.###e0", CultureInfo.InvariantCulture);
        if (_logarithmic) return tick.ToString("#,0.###", CultureInfo.InvariantCulture);
        return tick.ToString(Step >= 1 ? "#,0" : "F" + Digits(Step), CultureInfo.InvariantCulture);
    }

    /// <summary>A tick of a share as per cent.</summary>
    public string PercentLabel(double tick) => (tick * 100).ToString("F" + Digits(Step * 100), CultureInfo.InvariantCulture) + "%";

    // Multiples of the step, so that no error of addition creeps in.
    private static ImmutableArray<double> Multiples(double minimum, double maximum, double step)
    {
        long first = (long)Math.Ceiling((minimum / step) - Slack), last = (long)Math.Floor((maximum / step) + Slack);
        var ticks = ImmutableArray.CreateBuilder<double>();
        for (long i = first; i <= last; i++) ticks.Add(i * step);
        return ticks.ToImmutable();
    }

    private static IEnumerable<double> PowersOfTen(double minimum, double maximum, params double[] factors) =>
        from exponent in Enumerable.Range((int)Math.Floor(Math.Log10(minimum)), (int)Math.Ceiling(Math.Log10(maximum / minimum)) + 2)
        from factor in factors
        let tick = exponent < 0 ? factor / Math.Pow(10, -exponent) : factor * Math.Pow(10, exponent)
        where tick >= minimum && tick <= maximum
        select tick;

    private static string Digits(double step) =>
        Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - Slack)).ToString(CultureInfo.InvariantCulture);

    private static (double Minimum, double Maximum) Range(IEnumerable<double> values)
    {
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        foreach (double value in values.Where(double.IsFinite))
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        return minimum <= maximum ? (minimum, maximum) : (0, 1);
    }

    private static double NiceStep(double rough)
    {
        if (!(rough > 0)) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            <= 1 + Slack => power,
            <= 2 + Slack => 2 * power,
            <= 5 + Slack => 5 * power,
            _ => 10 * power,
        };
    }
}
