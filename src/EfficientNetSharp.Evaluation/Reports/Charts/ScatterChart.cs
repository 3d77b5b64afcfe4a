using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>Points and lines over two axes, with labels where there is room for them.</summary>
internal sealed class ScatterChart
{
    private const double Right = 16, Bottom = 46, FontSize = 12, LegendRow = 20;

    // Above this many points markers would merge into the line.
    private const int MaxMarkers = 40;

    /// <summary>What it shows, for those who cannot see it.</summary>
    public required string Description { get; init; }

    public required ImmutableArray<Series> Series { get; init; }

    public required string XTitle { get; init; }

    /// <summary>The title of the y axis; needless where a heading above the chart has it.</summary>
    public string? YTitle { get; init; }

    public AxisKind XAxis { get; init; }

    /// <summary>Whether y is a share, shown as per cent.</summary>
    public bool YIsShare { get; init; }

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = 880;

    /// <summary>Height in pixels.</summary>
    public double Height { get; init; } = 560;

    /// <summary>About how many steps an axis has.</summary>
    public int Intervals { get; init; } = 8;

    /// <summary>Radius of markers in pixels.</summary>
    public double MarkerRadius { get; init; } = 4;

    /// <summary>A point to ring, such as the best epoch, and what the legend says of it.</summary>
    public (double X, double Y, string Label)? Mark { get; init; }

    private double Left => YTitle is null ? 52 : 64;

    /// <summary>Draws into a page, in the page's style.</summary>
    public void Write(MarkupWriter page)
    {
        var svg = new SvgWriter(page);
        using (svg.Open(Width, Height, Description)) Draw(svg);
    }

    /// <summary>The drawing as a file of its own.</summary>
    public string ToSvg()
    {
        var page = new MarkupWriter();
        var svg = new SvgWriter(page);
        using (svg.OpenAlone(Width, Height, Description)) Draw(svg);
        return page.ToString();
    }

    private void Draw(SvgWriter svg)
    {
        var legend = Legend();
        double top = 10 + (LegendRow * Math.Max(1, legend.Count == 0 ? 1 : legend[^1].Row + 1));
        var points = Series.SelectMany(series => series.Points).ToList();
        var x = Axis.Of(XAxis, points.Select(point => point.X), Left, Width - Right, Intervals);
        var y = Axis.Around(points.Select(point => point.Y), Height - Bottom, top, Intervals);
        WriteAxes(svg, x, y, top);
        foreach (var entry in legend) WriteEntry(svg, entry);
        foreach (var series in Series) WriteLine(svg, series, x, y);
        foreach (var series in Series) WriteMarkers(svg, series, x, y);
        if (Mark is { } mark) svg.Circle(x.At(mark.X), y.At(mark.Y), 5, "hollow second", mark.Label);
        WriteLabels(svg, x, y, top);
    }

    private void WriteAxes(SvgWriter svg, Axis x, Axis y, double top)
    {
        foreach (double tick in y.Ticks)
        {
            svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "grid");
            svg.Text(Left - 8, y.At(tick) + 4, YIsShare ? y.PercentLabel(tick) : y.Label(tick), "muted", "end");
        }

        foreach (double tick in x.Ticks)
        {
            // Decades are not evenly marked, so that lines help the eye there.
            if (XAxis == AxisKind.Logarithmic) svg.Line(x.At(tick), top, x.At(tick), Height - Bottom, "grid");
            svg.Line(x.At(tick), Height - Bottom, x.At(tick), Height - Bottom + 4, "axis");
            svg.Text(x.At(tick), Height - Bottom + 18, x.Label(tick), "muted", "middle");
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        svg.Text((Left + Width - Right) / 2, Height - 8, XTitle, "muted", "middle");
        if (YTitle is not null) svg.Text(16, (top + Height - Bottom) / 2, YTitle, "muted", "middle", -90);
    }

    // Entries flow from left to right and wrap. One line needs no name: the chart's title has it.
    private List<(Series? Series, string Text, double X, int Row)> Legend()
    {
        var entries = new List<(Series?, string, double, int)>();
        double x = Left;
        int row = 0;
        if (Series.Length > 1)
        {
            foreach (var series in Series)
            {
                if (series.Name is { } name) Add(series, name);
            }
        }

        // The mark is named here and not at its point, where the text could lie over a curve.
        if (Mark is { } mark) Add(null, mark.Label);
        return entries;

        void Add(Series? series, string text)
        {
            double width = (series is null ? 17 : 26) + TextWidth.Of(text, FontSize);
            if (x > Left && x + width > Width - Right) (x, row) = (Left, row + 1);
            entries.Add((series, text, x, row));
            x += width + 18;
        }
    }

    private void WriteEntry(SvgWriter svg, (Series? Series, string Text, double X, int Row) entry)
    {
        double y = 12 + (entry.Row * LegendRow);
        if (entry.Series is not { } series)
        {
            svg.Circle(entry.X + 6, y, 5, "hollow second");
            svg.Text(entry.X + 17, y + 4, entry.Text);
            return;
        }

        if (series.Line != LineStyle.None) svg.Line(entry.X, y, entry.X + 20, y, LineClass(series));
        if (HasMarkers(series) && MarkerRadius > 3) WriteMarker(svg, series, entry.X + 10, y, null);
        svg.Text(entry.X + 26, y + 4, entry.Text);
    }

    private static void WriteLine(SvgWriter svg, Series series, Axis x, Axis y)
    {
        foreach (var run in Runs(series, x, y))
        {
            if (run.Count > 1 && series.Line != LineStyle.None) svg.Polyline(run, LineClass(series));
            // A lone point between gaps is no line; without this it would be lost where there are no markers.
            else if (run.Count == 1 && !HasMarkers(series)) svg.Circle(run[0].X, run[0].Y, 2, "solid " + series.Colour);
        }
    }

    private void WriteMarkers(SvgWriter svg, Series series, Axis x, Axis y)
    {
        if (!HasMarkers(series)) return;
        foreach (var point in series.Points)
        {
            var (px, py) = (x.At(point.X), y.At(point.Y));
            if (double.IsFinite(px) && double.IsFinite(py)) WriteMarker(svg, series, px, py, point.Tooltip ?? point.Label);
        }
    }

    private void WriteMarker(SvgWriter svg, Series series, double x, double y, string? tooltip)
    {
        double r = MarkerRadius;
        string solid = "solid " + series.Colour;
        switch (series.Marker)
        {
            case MarkerShape.Ring:
                svg.Circle(x, y, r, "hollow " + series.Colour, tooltip);
                break;
            // Lengths that make the areas of all shapes about equal.
            case MarkerShape.Square:
                svg.Rectangle(x - (0.88 * r), y - (0.88 * r), 1.76 * r, 1.76 * r, solid, tooltip: tooltip);
                break;
            case MarkerShape.Diamond:
                double half = 1.25 * r;
                svg.Polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], solid, tooltip);
                break;
            case MarkerShape.Triangle:
                svg.Polygon([(x, y - (1.4 * r)), (x + (1.25 * r), y + (0.85 * r)), (x - (1.25 * r), y + (0.85 * r))], solid, tooltip);
                break;
            default:
                svg.Circle(x, y, r, solid, tooltip);
                break;
        }
    }

    private void WriteLabels(SvgWriter svg, Axis x, Axis y, double top)
    {
        var placement = new LabelPlacement(new Box(Left + 2, top, Width - Right, Height - Bottom - 2));
        foreach (var series in Series)
        {
            foreach (var run in Runs(series, x, y))
            {
                foreach (var (px, py) in run) placement.Block(Box.Around(px, py, MarkerRadius + 1));
                if (series.Line == LineStyle.None) continue;
                foreach (var (from, to) in run.Zip(run.Skip(1))) placement.Avoid(from, to);
            }
        }

        // The ends of lines say most and choose first, from left to right: at the left edge there is the least choice.
        var labels = Series.SelectMany(series => series.Points.Select((point, index) =>
            (series.Colour, Point: point, IsEnd: index == 0 || index == series.Points.Length - 1)));
        foreach (var (colour, point, isEnd) in labels.OrderByDescending(label => label.IsEnd).ThenBy(label => x.At(label.Point.X)))
            WriteLabel(svg, placement, colour, point, x, y, needed: isEnd);
    }

    private void WriteLabel(SvgWriter svg, LabelPlacement placement, string colour, ChartPoint point, Axis x, Axis y, bool needed)
    {
        var (px, py) = (x.At(point.X), y.At(point.Y));
        if (point.Label is null || !double.IsFinite(px) || !double.IsFinite(py)) return;
        if (placement.Place(TextWidth.Of(point.Label, FontSize), FontSize, px, py, MarkerRadius + 3, needed) is not { } label) return;
        if (label.Leader is { } leader) svg.Line(px, py, leader.X, leader.Y, "leader " + colour);
        // The font may be narrower than the estimate: a label beside its point stays close to it.
        var (anchor, at) = label.Box.Left >= px ? ("start", label.Box.Left)
            : label.Box.Right <= px ? ("end", label.Box.Right)
            : ("middle", (label.Box.Left + label.Box.Right) / 2);
        svg.Text(at, label.Box.Bottom - 2, point.Label, "ink " + colour, anchor);
    }

    private static List<List<(double X, double Y)>> Runs(Series series, Axis x, Axis y)
    {
        List<List<(double X, double Y)>> runs = [[]];
        foreach (var point in series.Points)
        {
            var (px, py) = (x.At(point.X), y.At(point.Y));
            if (double.IsFinite(px) && double.IsFinite(py)) runs[^1].Add((px, py));
            else runs.Add([]);
        }

        return runs;
    }

    private static bool HasMarkers(Series series) => series.Marker != MarkerShape.None && series.Points.Length <= MaxMarkers;

    private static string LineClass(Series series) => series.Line switch
    {
        LineStyle.Dotted => series.Colour + " dotted",
        LineStyle.Thin => series.Colour + " thin",
        LineStyle.Strong => series.Colour + " strong",
        _ => series.Colour,
    };
}
