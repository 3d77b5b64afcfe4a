using System.Text.RegularExpressions;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>The style of pages and drawings: one set of colours, light and dark.</summary>
internal static partial class StyleSheet
{
    private const string Dark = "@media screen and (prefers-color-scheme: dark)";

    private static readonly Lazy<string> Page = new(() => Read("colours.css") + Read("page.css") + Read("chart.css"));

    private static readonly Lazy<string> Drawing = new(() => Alone(Read("colours.css"), Read("chart.css")));

    /// <summary>For a page and the drawings in it.</summary>
    public static string ForPage => Page.Value;

    /// <summary>
    /// For a drawing in a file of its own. Colours stand in it as values, since many programs that show SVG know no CSS variables.
    /// </summary>
    public static string ForDrawing => Drawing.Value;

    private static string Alone(string colours, string rules)
    {
        int dark = colours.IndexOf(Dark, StringComparison.Ordinal);
        string coloured = string.Join('\n', rules.Split('\n').Where(rule => rule.Contains("var(", StringComparison.Ordinal)));
        return $"{Fill(rules, colours[..dark])}{Dark} {{\n{Fill(coloured, colours[dark..])}\n}}\n";
    }

    private static string Fill(string rules, string colours)
    {
        var values = Definition().Matches(colours)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);
        return Use().Replace(rules, match => values[match.Groups[1].Value]);
    }

    private static string Read(string name)
    {
        using var css = typeof(StyleSheet).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(css);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("(--[a-z-]+): (#[0-9a-f]{6});")]
    private static partial Regex Definition();

    [GeneratedRegex(@"var\((--[a-z-]+)\)")]
    private static partial Regex Use();
}
