using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>What 25 networks that others trained on ImageNet say of splitting a budget between width and resolution.</summary>
internal static class GridTables
{
    // Two networks within an eighth of each other's cost are about equal: the fit's own error in cost is 8 %.
    private const double Tolerance = 0.12;

    // In units of 10⁹ multiply-adds, within those of the networks.
    private static readonly double[] Budgets = [0.05, 0.1, 0.2, 0.3];

    private const string FitLead =
        "MnasNet-A1 at five widths and five resolutions, trained on ImageNet by its authors (tensorflow/tpu, models/official/mnasnet). The logarithm "
        + "of the top-1 error as a polynomial of the logarithms of width w and resolution r/224; misses in points of top-1.";

    private const string EqualLead =
        "Networks of about equal cost, the most balanced first: the least ratio between the multiples of width and resolution. The last column says "
        + "whether it is the most accurate, and by how much it wins or loses.";

    private const string BestLead =
        "What the curved surface says of a budget between the networks: the split where more channels and more pixels gain the same.";

    public static IEnumerable<ScalingTable> All()
    {
        var points = MnasNetGrid.Points;
        var flat = ErrorSurface.Fit(points, MnasNetGrid.Baseline, isCurved: false);
        var curved = ErrorSurface.Fit(points, MnasNetGrid.Baseline, isCurved: true);
        yield return new ScalingTable(
            "Width and resolution: 25 networks, one surface", FitLead,
            ["surface", "constant", "log w", "log r/224", "squares and product", "mean miss", "largest miss"],
            [Fit("log-linear", flat), Fit("with squares", curved)], 1);
        yield return new ScalingTable(
            "Equal cost: balanced against one axis", EqualLead,
            ["networks w@r: top-1", "GMACs", "balanced"],
            [.. EqualCosts.Of(points, MnasNetGrid.Baseline, Tolerance).Select(Group)], 1);
        yield return new ScalingTable(
            "The best split of a budget", BestLead,
            ["GMACs", "width", "pixels", "top-1 expected"],
            [.. Budgets.Select(giga => Best(curved, giga))], 0);
    }

    private static ImmutableArray<string> Fit(string name, ErrorSurface surface) =>
    [
        name, .. surface.Coefficients.Take(3).Select(value => Numbers.Fixed(value, 3)),
        surface.IsCurved ? string.Join(", ", surface.Coefficients.Skip(3).Select(value => Numbers.Fixed(value, 3))) : "–",
        Numbers.Fixed(surface.MeanMiss, 2), Numbers.Fixed(surface.LargestMiss, 2),
    ];

    private static ImmutableArray<string> Group(EqualCostGroup group)
    {
        double next = group.Points.Skip(1).Max(point => point.Top1), margin = group.Balanced.Top1 - next;
        return
        [
            string.Join(", ", group.Points.Select(point => $"{Numbers.Fixed(point.Width, 2)}@{point.Resolution}: {Numbers.Fixed(point.Top1, 1)}")),
            string.Join("–", new[] { group.Points.Min(point => point.Macs), group.Points.Max(point => point.Macs) }
                .Select(macs => Numbers.Fixed(macs / 1e9, 3))),
            $"{(margin > 0 ? "wins" : margin < 0 ? "loses" : "equal")}, {Numbers.Fixed(Math.Abs(margin), 1)}",
        ];
    }

    private static ImmutableArray<string> Best(ErrorSurface surface, double giga) => surface.BestAt(giga * 1e9) is { } best
        ? [Numbers.Fixed(giga, 2), Numbers.Fixed(best.Width, 2), $"{best.Resolution}", $"{Numbers.Fixed(best.Top1, 1)} %"]
        : [Numbers.Fixed(giga, 2), "–", "–", "–"];
}
