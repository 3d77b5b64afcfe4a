using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>The plots like the paper's Figures 1, 5 and 8.</summary>
internal static class ScalingPlots
{
    private const string Top1 = "ImageNet top-1 accuracy (%), published";

    public static ImmutableArray<ScalingPlot> Of(ScalingReport report) =>
    [
        new("accuracy-parameters.svg", "Accuracy and size (Figure 1)", new ScatterChart
        {
            Description = "EfficientNet B0–B7 and earlier networks: published top-1 accuracy against the parameters that we count.",
            XTitle = "parameters (millions, logarithmic)",
            YTitle = Top1,
            XAxis = AxisKind.Logarithmic,
            Series = Networks(report, point => point.Parameters / 1e6),
        }),
        new("accuracy-flops.svg", "Accuracy and multiply-adds (Figure 5)", new ScatterChart
        {
            Description = "EfficientNet B0–B7 and earlier networks: published top-1 accuracy against the multiply-adds that we count.",
            XTitle = "multiply-adds (billions, logarithmic)",
            YTitle = Top1,
            XAxis = AxisKind.Logarithmic,
            Series = Networks(report, point => point.Macs / 1e9),
        }),
        new("scaling-b0.svg", "Scaling B0 along one axis and along all (Figure 8, Table 7)", new ScatterChart
        {
            Description =
                "EfficientNet-B0 scaled by width, depth, resolution and by all three: published top-1 accuracy against the multiply-adds "
                + "that we count and, dotted, the FLOPs that the paper prints.",
            XTitle = "multiply-adds (billions)",
            YTitle = Top1,
            Series = Axes(report),
        }),
    ];

    private static ImmutableArray<Series> Networks(ScalingReport report, Func<NetworkPoint, double> cost)
    {
        var resNets = report.Others.Where(IsResNet);
        return
        [
            new("EfficientNet", "second", [.. report.Family.Select((point, index) => Place(point) with
            {
                // The ends bear the whole name, so that the line can be read without the legend.
                Label = index == 0 || index == report.Family.Length - 1 ? "EfficientNet-" + point.Name : point.Name,
            })]) { Line = LineStyle.Strong },
            new("ResNet", "eighth", [.. resNets.Select(Place)]) { Line = LineStyle.Thin, Marker = MarkerShape.Square },
            new("MobileNet and MnasNet", "third", [.. report.Others.Except(resNets).Select(Place)])
            {
                Line = LineStyle.None, Marker = MarkerShape.Diamond,
            },
        ];

        static bool IsResNet(NetworkPoint point) => point.Name.StartsWith("ResNet", StringComparison.Ordinal);

        ChartPoint Place(NetworkPoint point) => new(
            cost(point), point.Top1, point.Name,
            $"{point.Name}: {Numbers.Fixed(point.Top1, 1)} %, {Numbers.Short(point.Parameters)} parameters, "
            + $"{Numbers.Short(point.Macs)} multiply-adds");
    }

    private static ImmutableArray<Series> Axes(ScalingReport report)
    {
        var start = report.Table7[0];
        (ScalingReportRow Row, string Name, string Colour)[] axes =
        [
            (report.Table7[4], "compound", "second"), (report.Table7[3], "resolution", "fourth"), (report.Table7[1], "depth", "first"),
            (report.Table7[2], "width", "third"),
        ];
        return
        [
            // From each of our points to the paper's, below them.
            new(null, "eighth", [.. axes.SelectMany(axis => Gap(axis.Row))]) { Line = LineStyle.Dotted, Marker = MarkerShape.None },
            new("FLOPs that the paper prints", "eighth", [.. axes.Select(axis => Paper(axis.Row))])
            {
                Line = LineStyle.None, Marker = MarkerShape.Ring,
            },
            .. axes.Select(axis => new Series(Named(axis.Name, axis.Row.Published), axis.Colour,
            [Ours(start, null), Ours(axis.Row, axis.Name)])
            {
                Line = axis.Name == "compound" ? LineStyle.Strong : LineStyle.Normal,
            }),
            new(null, "eighth", [Ours(start, "EfficientNet-B0")]),
        ];

        static ChartPoint[] Gap(ScalingReportRow row) => [Ours(row, null), Paper(row), new(double.NaN, double.NaN)];

        static ChartPoint Paper(ScalingReportRow row) => new(row.Published.PaperFlops / 1e9, row.Published.Top1, Tooltip: Tooltip(row));

        static ChartPoint Ours(ScalingReportRow row, string? name) =>
            new(row.Macs / 1e9, row.Published.Top1, name is null ? null : $"{name} {Numbers.Fixed(row.Published.Top1, 1)} %", Tooltip(row));

        static string Named(string name, PublishedScalingRow row) =>
            row.Label.StartsWith(name, StringComparison.Ordinal) ? row.Label : $"{name} {row.Label}";

        static string Tooltip(ScalingReportRow row) =>
            $"{row.Published.Label}: {Numbers.Fixed(row.Published.Top1, 1)} %, {Numbers.Fixed(row.Macs / 1e9, 2)} G counted, "
            + $"{Numbers.Fixed(row.Published.PaperFlops / 1e9, 1)} G printed";
    }
}
