using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>The plots like the paper's Figures 1, 5 and 8.</summary>
internal static class ScalingPlots
{
    // Okabe and Ito's colours, which people with any kind of colour vision tell apart.
    private const string Blue = "#0072B2", Orange = "#D55E00", Green = "#009E73", Violet = "#A0478A", Grey = "#5A6673";

    /// <summary>The plots; none where the machine has no font, as unlettered plots say nothing.</summary>
    public static ImmutableArray<ScalingPlot> Of(ScalingReport report) =>
        PlotFont.Name is null ? [] : [BySize(report), ByFlops(report), ByAxis(report)];

    private static ScalingPlot BySize(ScalingReport report)
    {
        using var chart = new ScatterChart("Parameters (millions, logarithmic)", "ImageNet top-1 accuracy (%), published", logarithmic: true, (2.5, 130), (69.5, 86))
        {
            XTicks = [3, 5, 10, 20, 50, 100],
        };
        Draw(chart, report, point => point.Parameters / 1e6);
        return chart.Render(
            "accuracy-parameters", "Accuracy and size (Figure 1)",
            "EfficientNet B0–B7 and earlier networks: published top-1 accuracy against the parameters that we count.");
    }

    private static ScalingPlot ByFlops(ScalingReport report)
    {
        using var chart = new ScatterChart("Multiply-adds (billions, logarithmic)", "ImageNet top-1 accuracy (%), published", logarithmic: true, (0.23, 75), (69.5, 86))
        {
            XTicks = [0.3, 0.5, 1, 2, 5, 10, 20, 50],
        };
        Draw(chart, report, point => point.Macs / 1e9);
        return chart.Render(
            "accuracy-flops", "Accuracy and multiply-adds (Figure 5)",
            "EfficientNet B0–B7 and earlier networks: published top-1 accuracy against the multiply-adds that we count.");
    }

    private static void Draw(ScatterChart chart, ScalingReport report, Func<NetworkPoint, double> cost)
    {
        var resNets = report.Others.Where(point => point.Name.StartsWith("ResNet", StringComparison.Ordinal)).ToArray();
        chart.Line(resNets.Select(point => (cost(point), point.Top1)), Grey);
        foreach (var point in report.Others)
        {
            string colour = resNets.Contains(point) ? Grey : Green;
            chart.Marker(cost(point), point.Top1, colour);
            chart.Label(point.Name, cost(point), point.Top1, colour, resNets.Contains(point) ? LabelSide.LowerRight : LabelSide.Right);
        }

        chart.Line(report.Family.Select(point => (cost(point), point.Top1)), Orange, strong: true);
        foreach (var point in report.Family)
        {
            chart.Marker(cost(point), point.Top1, Orange);
            string name = point.Name == "B0" ? "EfficientNet-B0" : point.Name == "B7" ? "EfficientNet-B7" : point.Name;
            // Beside the rising line and clear of it; the long names of the ends have no room to their left.
            var side = point.Name switch
            {
                "B0" => LabelSide.LowerRight,
                "B7" => LabelSide.Above,
                _ => LabelSide.UpperLeft,
            };
            chart.Label(name, cost(point), point.Top1, Orange, side);
        }
    }

    private static ScalingPlot ByAxis(ScalingReport report)
    {
        using var chart = new ScatterChart("Multiply-adds (billions)", "ImageNet top-1 accuracy (%), published", logarithmic: false, (0.2, 2.55), (76.8, 81.7))
        {
            XTicks = [0.4, 0.8, 1.2, 1.6, 2.0, 2.4],
        };
        var start = report.Table7[0];
        // Three of the four end within two tenths of a point: their labels stand apart, beside the paper's own points.
        (int Row, string Name, string Colour, double LabelY)[] series =
            [(2, "width, w = 2", Green, 78.55), (1, "depth, d = 4", Blue, 79.0), (3, "resolution, r = 2", Violet, 79.45), (4, "compound", Orange, 81.1)];
        foreach (var (index, name, colour, labelY) in series)
        {
            var row = report.Table7[index];
            double ours = row.Macs / 1e9, paper = row.Published.PaperFlops / 1e9, top1 = row.Published.Top1;
            chart.Line([(start.Macs / 1e9, start.Published.Top1), (ours, top1)], colour, strong: index == 4);
            chart.Dashes((ours, top1), (paper, top1), colour);
            chart.Marker(ours, top1, colour);
            chart.Marker(paper, top1, colour, hollow: true);
            chart.Dashes((paper + 0.02, top1), (1.985, labelY), colour, faint: true);
            chart.Label(FormattableString.Invariant($"{name}: {top1:F1} %"), 1.98, labelY, colour, LabelSide.Right);
        }

        chart.Marker(start.Macs / 1e9, start.Published.Top1, Grey);
        chart.Label("EfficientNet-B0: 77.3 %", start.Macs / 1e9, start.Published.Top1, Grey, LabelSide.LowerRight);
        foreach (var (text, y, hollow) in new[] { ("multiply-adds that we count", 81.35, false), ("FLOPs that the paper prints", 81.05, true) })
        {
            chart.Marker(0.28, y, Grey, hollow);
            chart.Label(text, 0.28, y, Grey, LabelSide.Right);
        }

        return chart.Render(
            "scaling-b0", "Scaling B0 along one axis and along all (Figure 8, Table 7)",
            "EfficientNet-B0 scaled by width, depth, resolution and by all three: published top-1 accuracy against the multiply-adds that we count (filled) and the FLOPs that the paper prints (hollow).");
    }
}
