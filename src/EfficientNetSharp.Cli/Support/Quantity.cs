using System.Globalization;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Numbers with units as people type them: <c>1.2G</c>, <c>300M</c>, <c>15ms</c>. The point is always the decimal sign.</summary>
internal static class Quantity
{
    // B for billion, as the paper writes FLOPs.
    private static readonly (string Unit, double Factor)[] Counts = [("K", 1e3), ("M", 1e6), ("G", 1e9), ("B", 1e9), ("T", 1e12), ("", 1)];

    // "s" last: it ends the others too.
    private static readonly (string Unit, double Factor)[] Times = [("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1000)];

    /// <summary>A count from 1, such as 1.2G or 10M; <see langword="null"/> where none is given.</summary>
    /// <exception cref="InvalidInputException">It is no such number.</exception>
    public static long? Count(string option, string? given, string example)
    {
        if (given is null) return null;
        return Number(given, Counts) is >= 1 and <= 1e18 and var count
            ? (long)Math.Round(count)
            : throw new InvalidInputException($"{option} expects a number such as {example} (K, M, G or T), found '{given}'.");
    }

    /// <summary>A time in milliseconds, such as 15ms or 0.5s; <see langword="null"/> where none is given.</summary>
    /// <exception cref="InvalidInputException">It is no such time.</exception>
    public static double? Milliseconds(string option, string? given)
    {
        if (given is null) return null;
        return Number(given, Times) is > 0 and <= 1e9 and var time
            ? time
            : throw new InvalidInputException($"{option} expects a time with its unit, such as 15ms or 0.5s, found '{given}'.");
    }

    private static double? Number(string given, (string Unit, double Factor)[] units)
    {
        string text = given.Trim();
        foreach (var (unit, factor) in units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            return double.TryParse(text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out double value)
                ? value * factor
                : null;
        }

        return null;
    }
}
