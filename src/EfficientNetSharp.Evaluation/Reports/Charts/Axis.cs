using System.Collections.Immutable;
using System.Globalization;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>A linear axis: its range, the values marked on it, and where they fall.</summary>
internal sealed class Axis
{
    private Axis(double minimum, double maximum, double step, double from, double to)
    {
        (Minimum, Maximum, Step, From, To) = (minimum, maximum, step, from, to);
        // Multiples of the step, so that no error of addition creeps in.
        long first = (long)Math.Ceiling((minimum / step) - Slack), last = (long)Math.Floor((maximum / step) + Slack);
        var ticks = ImmutableArray.CreateBuilder<double>();
        for (long i = first; i <= last; i++) ticks.Add(i * step);
        Ticks = ticks.ToImmutable();
    }

    // A tick that rounding pushes this share of a step over the edge still counts.
    private const double Slack = 1e-6;

    public double Minimum { get; }

    public double Maximum { get; }

    /// <summary>From one tick to the next: 1, 2 or 5 times a power of ten.</summary>
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

    /// <summary>An axis with both ends and the step given.</summary>
    public static Axis Fixed(double minimum, double maximum, double step, double from, double to) => new(minimum, maximum, step, from, to);

    /// <summary>The pixel of a value.</summary>
    public double At(double value) => From + ((value - Minimum) / (Maximum - Minimum) * (To - From));

    /// <summary>A tick as text, with as many digits as the step needs.</summary>
    public string Label(double tick)
    {
        if (tick == 0) return "0";
        if (Step < 1e-3 || Math.Abs(tick) >= 1e6) return tick.ToString("0.###e0", CultureInfo.InvariantCulture);
        return tick.ToString(Step >= 1 ? "#,0" : "F" + Digits(Step), CultureInfo.InvariantCulture);
    }

    /// <summary>A tick of a share as per cent.</summary>
    public string PercentLabel(double tick) => (tick * 100).ToString("F" + Digits(Step * 100), CultureInfo.InvariantCulture) + "%";

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
