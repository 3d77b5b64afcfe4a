using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Evaluation.Reports.Verification;

/// <summary>The curve over a logarithm of the false accept rate, and how scores of both kinds of pairs are spread.</summary>
internal static class ScoresSection
{
    // More than can be told apart on a screen.
    private const int MaxPoints = 400, Bins = 60;

    public static void Write(MarkupWriter page, VerificationReport report)
    {
        page.Element("h2", "Scores");
        using (page.Open("div", ("class", "charts beside")))
        {
            using (page.Open("div", ("class", "panel")))
            {
                page.Element("h3", "Genuine pairs accepted over strangers accepted");
                Curve(report.Result.Roc).Write(page);
            }

            using (page.Open("div", ("class", "panel")))
            {
                page.Element("h3", "Share of pairs over their cosine");
                Histogram(report).Write(page);
            }
        }
    }

    private static ScatterChart Curve(RocCurve roc)
    {
        var points = roc.Points.Where(point => point.FalseAcceptRate > 0).ToArray();
        // Evenly over the logarithm, and the ends.
        var kept = new List<OperatingPoint>();
        double step = -Math.Log(points[0].FalseAcceptRate) / MaxPoints, next = double.NegativeInfinity;
        foreach (var point in points)
        {
            double at = Math.Log(point.FalseAcceptRate);
            if (at < next && point != points[^1]) continue;
            kept.Add(point);
            next = at + step;
        }

        return new ScatterChart
        {
            Description = "Receiver operating characteristic: true accept rate over false accept rate",
            Series = [Line("", "first", kept.Select(point => (point.FalseAcceptRate, point.TrueAcceptRate)))],
            XTitle = "false accept rate",
            XAxis = AxisKind.Logarithmic,
            YIsShare = true,
            Width = 520,
            Height = 330,
            Intervals = 5,
        };
    }

    private static ScatterChart Histogram(VerificationReport report)
    {
        double min = Math.Floor(report.Scores.Min() * 20) / 20, max = Math.Max(Math.Ceiling(report.Scores.Max() * 20) / 20, min + 0.05);
        double[][] counts = [new double[Bins], new double[Bins]];
        for (int i = 0; i < report.Scores.Length; i++)
        {
            int bin = Math.Clamp((int)((report.Scores[i] - min) / (max - min) * Bins), 0, Bins - 1);
            counts[report.Pairs[i].IsSame ? 0 : 1][bin]++;
        }

        return new ScatterChart
        {
            Description = "Shares of genuine and impostor pairs over their cosine",
            Series =
            [
                Spread("genuine pairs", "third", counts[0], report.Result.Roc.Genuine),
                Spread("impostor pairs", "second", counts[1], report.Result.Roc.Impostors),
            ],
            XTitle = "cosine",
            YIsShare = true,
            Width = 520,
            Height = 330,
            Intervals = 5,
        };

        // A point in the middle of each bin.
        Series Spread(string name, string colour, double[] bins, int all) => Line(
            name, colour, bins.Select((count, bin) => (min + ((bin + 0.5) * (max - min) / Bins), count / all)));
    }

    private static Series Line(string name, string colour, IEnumerable<(double X, double Y)> points) =>
        new(name, colour, [.. points.Select(point => new ChartPoint(point.X, point.Y))]) { Marker = MarkerShape.None };
}
