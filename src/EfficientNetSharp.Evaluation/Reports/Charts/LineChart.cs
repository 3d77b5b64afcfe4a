using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Style">The page's class for its colour: <c>first</c> or <c>second</c>.</param>
/// <param name="Points">Points by rising x; a y that is not finite leaves a gap.</param>
internal sealed record Series(string Name, string Style, ImmutableArray<(double X, double Y)> Points);

/// <summary>Curves over epochs.</summary>
internal sealed class LineChart
{
    private const double Width = 380, Height = 270, Left = 52, Right = 16, Top = 30, Bottom = 46;

    // Above this many points dots would merge into the line.
    private const int MaxDots = 40;

    public required string Description { get; init; }

    public required ImmutableArray<Series> Series { get; init; }

    /// <summary>Whether y is a share, shown as per cent.</summary>
    public bool IsShare { get; init; }

    /// <summary>A point to ring, such as the best epoch, and what the legend says of it.</summary>
    public (double X, double Y, string Label)? Mark { get; init; }

    public void Write(MarkupWriter page)
    {
        var svg = new SvgWriter(page);
        var x = Axis.OfWholeNumbers(Series.SelectMany(series => series.Points).Select(point => point.X), Left, Width - Right);
        var y = Axis.Around(Series.SelectMany(series => series.Points).Select(point => point.Y), Height - Bottom, Top);
        using (svg.Open(Width, Height, Description))
        {
            WriteAxes(svg, x, y);
            WriteLegend(svg);
            foreach (var series in Series) WriteSeries(svg, series, x, y);
            if (Mark is { } mark) svg.Circle(x.At(mark.X), y.At(mark.Y), 5, "ring", mark.Label);
        }
    }

    private void WriteAxes(SvgWriter svg, Axis x, Axis y)
    {
        foreach (double tick in y.Ticks)
        {
            svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "grid");
            svg.Text(Left - 8, y.At(tick) + 4, IsShare ? y.PercentLabel(tick) : y.Label(tick), "muted", "end");
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        foreach (double tick in x.Ticks)
        {
            svg.Line(x.At(tick), Height - Bottom, x.At(tick), Height - Bottom + 4, "axis");
            svg.Text(x.At(tick), Height - Bottom + 18, x.Label(tick), "muted", "middle");
        }

        svg.Text((Left + Width - Right) / 2, Height - 8, "epoch", "muted", "middle");
    }

    private void WriteLegend(SvgWriter svg)
    {
        double x = Left;
        // One line needs no name: the chart's title has it.
        foreach (var series in Series.Length > 1 ? Series : [])
        {
            svg.Line(x, 12, x + 20, 12, series.Style);
            svg.Text(x + 26, 16, series.Name);
            x += 26 + TextWidth.Of(series.Name, 12) + 18;
        }

        // Its words stand here and not at the point, where they could lie over a curve.
        if (Mark is not { } mark) return;
        svg.Circle(x + 6, 12, 5, "ring");
        svg.Text(x + 17, 16, mark.Label);
    }

    private static void WriteSeries(SvgWriter svg, Series series, Axis x, Axis y)
    {
        var run = new List<(double, double)>();
        foreach (var (px, py) in series.Points)
        {
            if (double.IsFinite(py)) run.Add((x.At(px), y.At(py)));
            else End();
        }

        End();
        if (series.Points.Length > MaxDots) return;
        foreach (var (px, py) in series.Points.Where(point => double.IsFinite(point.Y)))
            svg.Circle(x.At(px), y.At(py), 3, series.Style + "-fill");

        void End()
        {
            if (run.Count > 1) svg.Polyline(run, series.Style);
            // A lone point between gaps is no line; without this it would be lost where there are no dots.
            else if (run.Count == 1 && series.Points.Length > MaxDots) svg.Circle(run[0].Item1, run[0].Item2, 2, series.Style + "-fill");
            run.Clear();
        }
    }
}
