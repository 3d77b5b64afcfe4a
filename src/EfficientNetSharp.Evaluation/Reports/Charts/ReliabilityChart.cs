using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>
/// A reliability diagram (Guo et al. 2017, fig. 1): a bar up to the accuracy of the images of a bin, over their confidence, before it the
/// gap between both, and below how many images each bin holds.
/// </summary>
internal sealed class ReliabilityChart
{
    private const double Width = 520, Left = 58, Right = 18, Top = 34, Side = 320, Between = 24, CountsHeight = 70, Bottom = 46;
    private const double CountsTop = Top + Side + Between, CountsBottom = CountsTop + CountsHeight;

    public required ImmutableArray<CalibrationBin> Bins { get; init; }

    public void Write(MarkupWriter page)
    {
        var svg = new SvgWriter(page);
        var x = Axis.Fixed(0, 1, 0.2, Left, Width - Right);
        var y = Axis.Fixed(0, 1, 0.2, Top + Side, Top);
        using (svg.Open(Width, CountsBottom + Bottom, "Reliability diagram: accuracy over confidence"))
        {
            WriteLegend(svg);
            foreach (double tick in y.Ticks)
            {
                svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "grid");
                svg.Text(Left - 8, y.At(tick) + 4, y.PercentLabel(tick), "muted", "end");
            }

            svg.Text(14, y.At(0.5), "accuracy", "muted", "middle", -90);
            foreach (var bin in Bins.Where(bin => bin.Count > 0)) WriteBin(svg, bin, x, y);
            svg.Line(x.At(0), y.At(0), x.At(1), y.At(1), "ideal");
            svg.Line(Left, y.At(0), Width - Right, y.At(0), "axis");
            WriteCounts(svg, x);
        }
    }

    private static void WriteBin(SvgWriter svg, CalibrationBin bin, Axis x, Axis y)
    {
        double start = x.At(bin.Lower) + 1, width = x.At(bin.Upper) - x.At(bin.Lower) - 2;
        string tooltip = $"{Numbers.Counted(bin.Count, "image", "images")}: {Numbers.Percent(bin.Confidence)} sure, "
            + $"{Numbers.Percent(bin.Accuracy)} right";
        svg.Rectangle(start, y.At(bin.Accuracy), width, y.At(0) - y.At(bin.Accuracy), "solid first", 0.85, tooltip);
        // The bar ends at the accuracy whichever is higher: the gap stands before it, narrower, and its far end is the confidence.
        double high = Math.Max(bin.Accuracy, bin.Confidence), low = Math.Min(bin.Accuracy, bin.Confidence);
        double inset = width / 4;
        svg.Rectangle(start + inset, y.At(high), width - (2 * inset), y.At(low) - y.At(high), "gap", tooltip: tooltip);
        svg.Line(start + inset, y.At(bin.Confidence), start + width - inset, y.At(bin.Confidence), "second");
    }

    private void WriteCounts(SvgWriter svg, Axis x)
    {
        var counts = Axis.Around(Bins.Select(bin => (double)bin.Count).Append(0), CountsBottom, CountsTop, 2);
        // The lowest and the highest tick say enough in a strip this low.
        foreach (double tick in new[] { 0, counts.Maximum })
        {
            svg.Line(Left, counts.At(tick), Width - Right, counts.At(tick), "grid");
            svg.Text(Left - 8, counts.At(tick) + 4, counts.Label(tick), "muted", "end");
        }

        foreach (var bin in Bins.Where(bin => bin.Count > 0))
        {
            double start = x.At(bin.Lower) + 1, level = counts.At(bin.Count);
            string tooltip = Numbers.Counted(bin.Count, "image", "images");
            svg.Rectangle(start, level, x.At(bin.Upper) - start - 1, CountsBottom - level, "solid first", 0.5, tooltip);
        }

        svg.Text(14, (CountsTop + CountsBottom) / 2, "images", "muted", "middle", -90);
        svg.Line(Left, CountsBottom, Width - Right, CountsBottom, "axis");
        foreach (double tick in x.Ticks) svg.Text(x.At(tick), CountsBottom + 18, x.PercentLabel(tick), "muted", "middle");
        svg.Text((Left + Width - Right) / 2, CountsBottom + 38, "confidence", "muted", "middle");
    }

    private static void WriteLegend(SvgWriter svg)
    {
        svg.Rectangle(Left, 6, 14, 12, "solid first", 0.85);
        svg.Text(Left + 20, 16, "accuracy");
        svg.Rectangle(Left + 96, 6, 14, 12, "gap");
        svg.Line(Left + 97, 6, Left + 109, 6, "second");
        svg.Text(Left + 116, 16, "gap to confidence");
        svg.Line(Left + 252, 12, Left + 276, 12, "ideal");
        svg.Text(Left + 282, 16, "perfectly calibrated");
    }
}
