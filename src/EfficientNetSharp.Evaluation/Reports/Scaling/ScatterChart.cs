using System.Globalization;
using System.Text.RegularExpressions;
using ScottPlot;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>Where a label stands from its point.</summary>
internal enum LabelSide
{
    Right,
    UpperLeft,
    LowerRight,
    Above,
}

/// <summary>A plot of points, lines and direct labels, drawn by ScottPlot.</summary>
internal sealed partial class ScatterChart : IDisposable
{
    // In the SVG's pixels; the PNG has twice as many for sharp text on dense screens.
    private const int Width = 860, Height = 540, PngScale = 2;

    private const float FontSize = 14, MarkerSize = 9;

    private readonly Plot _plot = new();
    private readonly string _font = PlotFont.Name ?? throw new InvalidOperationException("A plot needs a font.");
    private readonly bool _logarithmic;

    public ScatterChart(string xTitle, string yTitle, bool logarithmic, (double Min, double Max) x, (double Min, double Max) y)
    {
        _logarithmic = logarithmic;
        _plot.Axes.SetLimits(At(x.Min), At(x.Max), y.Min, y.Max);
        _plot.XLabel(xTitle, FontSize);
        _plot.YLabel(yTitle, FontSize);
        foreach (var axis in new IAxis[] { _plot.Axes.Bottom, _plot.Axes.Left })
        {
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = FontSize - 1;
            axis.MinorTickStyle.Length = 0;
        }

        _plot.Font.Set(_font);
        _plot.Axes.Left.MinimumSize = 72;
        _plot.Axes.Bottom.MinimumSize = 56;
        foreach (var side in new IAxis[] { _plot.Axes.Right, _plot.Axes.Top })
        {
            side.FrameLineStyle.Width = 0;
            side.MinimumSize = 20;
        }

        _plot.Grid.MajorLineColor = Color.FromHex("#E4E8EC");
    }

    /// <summary>Where the x axis has numbers.</summary>
    public required double[] XTicks
    {
        init => _plot.Axes.Bottom.SetTicks([.. value.Select(At)], [.. value.Select(tick => tick.ToString("0.##", CultureInfo.InvariantCulture))]);
    }

    public void Line(IEnumerable<(double X, double Y)> points, string colour, bool strong = false)
    {
        var line = _plot.Add.ScatterLine(points.Select(point => new Coordinates(At(point.X), point.Y)).ToArray());
        line.Color = Color.FromHex(colour);
        line.LineWidth = strong ? 3 : 1.6f;
    }

    public void Dashes((double X, double Y) from, (double X, double Y) to, string colour, bool faint = false)
    {
        var line = _plot.Add.Line(At(from.X), from.Y, At(to.X), to.Y);
        line.Color = Color.FromHex(colour).WithAlpha(faint ? 0.45 : 1);
        line.LineWidth = faint ? 1 : 1.4f;
        line.LinePattern = faint ? LinePattern.Solid : LinePattern.Dotted;
    }

    public void Marker(double x, double y, string colour, bool hollow = false)
    {
        var marker = _plot.Add.Marker(At(x), y, hollow ? MarkerShape.OpenCircle : MarkerShape.FilledCircle, MarkerSize, Color.FromHex(colour));
        marker.MarkerLineWidth = hollow ? 2 : 0;
    }

    public void Label(string text, double x, double y, string colour, LabelSide side)
    {
        var label = _plot.Add.Text(text, At(x), y);
        label.LabelFontColor = Color.FromHex(colour);
        label.LabelFontName = _font;
        label.LabelFontSize = FontSize;
        (label.LabelAlignment, label.OffsetX, label.OffsetY) = side switch
        {
            LabelSide.Right => (Alignment.MiddleLeft, 9, 0),
            LabelSide.UpperLeft => (Alignment.LowerRight, -5, -3),
            LabelSide.LowerRight => (Alignment.UpperLeft, 7, 4),
            _ => (Alignment.LowerCenter, 0, -8),
        };
    }

    public ScalingPlot Render(string name, string title, string caption)
    {
        string svg = Renumbered(_plot.GetSvgXml(Width, Height));
        _plot.ScaleFactor = PngScale;
        using var image = _plot.GetImage(Width * PngScale, Height * PngScale);
        return new ScalingPlot(name, title, caption, image.GetImageBytes(ImageFormat.Png), svg);
    }

    // The library numbers clips through the life of the process; equal plots are to give equal files.
    private static string Renumbered(string svg)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        return ClipName().Replace(svg, match =>
        {
            if (!names.TryGetValue(match.Value, out string? name)) names[match.Value] = name = $"clip{names.Count + 1}";
            return name;
        });
    }

    [GeneratedRegex("(?<=id=\"|url\\(#)cl_[0-9a-f]+")]
    private static partial Regex ClipName();

    public void Dispose() => _plot.Dispose();

    private double At(double x) => _logarithmic ? Math.Log10(x) : x;
}
