using System.CommandLine;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options of numbers with units as people type them: <c>1.2G</c>, <c>300M</c>, <c>15ms</c>.</summary>
internal static class Quantity
{
    // B for billion, as the paper writes FLOPs.
    private static readonly (string Unit, double Factor)[] Counts = [("K", 1e3), ("M", 1e6), ("G", 1e9), ("B", 1e9), ("T", 1e12), ("", 1)];

    // "s" last: it ends the others too.
    private static readonly (string Unit, double Factor)[] Times = [("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1000)];

    /// <summary>An option of a count from 1, such as 1.2G or 10M.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">Such a count, for the message about what is none.</param>
    public static Option<long?> CountOption(string name, string description, string example) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (Count(given) is { } count) return count;
            result.AddError($"{name}: expected a number from 1 to 1e18 such as {example} (K, M, G or T), found {Shown(given)}.");
            return null;
        },
    };

    /// <summary>A count from 1; <see langword="null"/> where the text is none.</summary>
    internal static long? Count(string text) => Number(text, Counts) is >= 1 and <= 1e18 and var count ? (long)Math.Round(count) : null;

    /// <summary>A time above 0; <see langword="null"/> where the text is none.</summary>
    internal static double? Milliseconds(string text) => Number(text, Times) is > 0 and <= 1e9 and var time ? time : null;

    private static double? Number(string text, (string Unit, double Factor)[] units)
    {
        foreach (var (unit, factor) in units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            var number = text.AsSpan(0, text.Length - unit.Length);
            // A blank may stand before a unit, nowhere else.
            return NumberText.TryParse(unit.Length > 0 ? number.TrimEnd(' ') : number, out double value) ? value * factor : null;
        }

        return null;
    }

    private static string Shown(string given) => Files.OneLine.Quote(given)
        + (given.Contains(',', StringComparison.Ordinal) ? "; the decimal sign is a point" : "");
}
