using EfficientNetSharp.Evaluation.Reports.Scaling;

namespace EfficientNetSharp.Evaluation.Tests.Reports;

/// <summary>The tools on 25 networks trained on ImageNet, against a fit made elsewhere, and on surfaces that are known.</summary>
public sealed class ErrorSurfaceTests
{
    // NumPy's lstsq on the same 25 rows.
    [Fact]
    public void The_fits_are_those_of_another_program()
    {
        var flat = ErrorSurface.Fit(MnasNetGrid.Points, MnasNetGrid.Baseline, isCurved: false);
        Assert.Equal([3.19965, -0.34180, -0.41749], flat.Coefficients.Select(value => Math.Round(value, 5)));
        Assert.Equal((0.513, 1.239), (Math.Round(flat.MeanMiss, 3), Math.Round(flat.LargestMiss, 3)));
        var curved = ErrorSurface.Fit(MnasNetGrid.Points, MnasNetGrid.Baseline, isCurved: true);
        Assert.Equal([3.20708, -0.28248, -0.30333, 0.06657, 0.12227, 0.02914], curved.Coefficients.Select(value => Math.Round(value, 5)));
        Assert.Equal((0.307, 1.117), (Math.Round(curved.MeanMiss, 3), Math.Round(curved.LargestMiss, 3)));
    }

    [Fact]
    public void The_log_linear_fit_holds_within_0_6_points() =>
        Assert.InRange(ErrorSurface.Fit(MnasNetGrid.Points, MnasNetGrid.Baseline, isCurved: false).MeanMiss, 0, 0.6);

    [Fact]
    public void At_equal_cost_a_balanced_network_beats_one_axis()
    {
        var groups = EqualCosts.Of(MnasNetGrid.Points, MnasNetGrid.Baseline, 0.12);
        var middle = Assert.Single(groups, group => group.Points.Length == 4);
        Assert.Equal((0.75, 160, 70.1), (middle.Best.Width, middle.Best.Resolution, middle.Best.Top1));
        Assert.True(middle.BalancedWins);
        var larger = Assert.Single(groups, group => group.Points.Any(point => point.Resolution == 224 && point.Width == 0.75));
        Assert.Equal((1.0, 192, 74.0), (larger.Best.Width, larger.Best.Resolution, larger.Best.Top1));
        Assert.True(larger.BalancedWins);

        // The surface says the same: neither axis alone is the best use of a budget.
        var best = ErrorSurface.Fit(MnasNetGrid.Points, MnasNetGrid.Baseline, isCurved: true).BestAt(110e6)!;
        Assert.InRange(best.Width, 0.7, 0.85);
        Assert.InRange(best.Resolution, 145, 165);
    }

    [Fact]
    public void A_known_surface_is_found_again()
    {
        double[] known = [3, -0.3, -0.5, 0.1, 0.2, -0.05];
        var points = from width in new[] { 0.5, 0.8, 1, 1.3 } from side in new[] { 96, 128, 160, 224 }
            select new ScaledPoint(width, side, 100 - Math.Exp(Value(Math.Log(width), Math.Log(side / 224.0))), 1e8 * width * width * side * side);
        var fit = ErrorSurface.Fit(points, 224, isCurved: true);
        Assert.All(fit.Coefficients.Zip(known), pair => Assert.Equal(pair.Second, pair.First, 6));
        Assert.InRange(fit.LargestMiss, 0, 1e-6);
        Assert.Equal(1e8 * 0.81 * 150 * 150, fit.MacsAt(0.9, 150), 1e8 * 0.81 * 150 * 150 * 1e-6);

        double Value(double x, double y) => known[0] + (known[1] * x) + (known[2] * y) + (known[3] * x * x) + (known[4] * y * y) + (known[5] * x * y);
    }

    [Fact]
    public void Too_few_networks_and_numbers_out_of_range_are_refused()
    {
        var points = MnasNetGrid.Points;
        Assert.Contains("2 widths", Refused(points.Where(point => point.Width == 1)), StringComparison.Ordinal);
        Assert.Contains("one line", Refused(points.Where(point => (point.Width, point.Resolution) is (1, 224) or (0.5, 96))), StringComparison.Ordinal);
        Assert.Contains("top-1", Refused(points.Add(new ScaledPoint(1, 224, 100, 1))), StringComparison.Ordinal);

        static string Refused(IEnumerable<ScaledPoint> given) =>
            Assert.Throws<InvalidInputException>(() => ErrorSurface.Fit(given, 224, isCurved: false)).Message;
    }
}
