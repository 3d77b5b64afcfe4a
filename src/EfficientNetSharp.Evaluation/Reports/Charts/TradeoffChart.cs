using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>Something that costs, and how good it is.</summary>
/// <param name="Cost">Its place on the x axis.</param>
/// <param name="Quality">Its place on the y axis.</param>
/// <param name="Tooltip">What shows under the pointer.</param>
public readonly record struct Tradeoff(double Cost, double Quality, string Tooltip);

/// <summary>A drawing of what can be had for what cost: all that was tried, the best of it as a line, and the choice.</summary>
public static class TradeoffChart
{
    /// <summary>Draws it as an SVG file.</summary>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    /// <param name="costTitle">Title of the x axis, with its unit.</param>
    /// <param name="qualityTitle">Title of the y axis, with its unit.</param>
    /// <param name="tried">All that was tried.</param>
    /// <param name="best">Those than which none is both cheaper and better, cheapest first.</param>
    /// <param name="chosen">The choice.</param>
    public static string ToSvg(
        string description, string costTitle, string qualityTitle, ImmutableArray<Tradeoff> tried, ImmutableArray<Tradeoff> best, Tradeoff chosen) =>
        new ScatterChart
        {
            Description = description, XTitle = costTitle, YTitle = qualityTitle,
            Series =
            [
                Series.At(0, "tried", [.. tried.Select(PointOf)]) with { Line = LineStyle.None },
                Series.At(1, "the best", [.. best.Select(PointOf)]),
            ],
            Mark = (chosen.Cost, chosen.Quality, "chosen"),
        }.ToSvg();

    private static ChartPoint PointOf(Tradeoff one) => new(one.Cost, one.Quality, Tooltip: one.Tooltip);
}
