using System.Globalization;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>Times for people, from seconds to years.</summary>
internal static class Durations
{
    private const double Minute = 60, Hour = 60 * Minute, Day = 24 * Hour, Year = 365 * Day;

    /// <summary>The time in two digits or so: <c>40 s</c>, <c>12 min</c>, <c>3.4 h</c>, <c>5.1 days</c>, <c>12 years</c>.</summary>
    public static string Of(double seconds)
    {
        (double value, string unit) = seconds switch
        {
            < 2 * Minute => (seconds, "s"),
            < 2 * Hour => (seconds / Minute, "min"),
            < 2 * Day => (seconds / Hour, "h"),
            < 2 * Year => (seconds / Day, "days"),
            _ => (seconds / Year, "years"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{(value < 10 && unit != "s" ? Math.Round(value, 1) : Math.Round(value)):#,0.#} {unit}");
    }
}
