using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Reports;

/// <summary>Draws a study's plot: means over seeds over multiply-adds, with their intervals.</summary>
internal static class StudyChart
{
    // Charts leave the markers of longer series out.
    private const int MaxMarkers = 40;

    /// <summary>The chart; <see langword="null"/> where nothing is done yet.</summary>
    public static ScatterChart? Of(StudyPlot plot, StudyScores scores)
    {
        var series = ImmutableArray.CreateBuilder<Series>();
        foreach (var (index, line) in plot.Lines.Index())
        {
            ImmutableArray<Place> places = [.. line.Points.SelectMany(point => PlaceOf(scores, point, line.IsJoined))];
            if (places.IsEmpty) continue;
            if (line.IsJoined)
            {
                series.Add(Series.At(index, line.Name, [.. places.Select((place, i) => place.Mean with
                {
                    Label = i == places.Length - 1 ? line.Name : null,
                })]));
            }
            else
            {
                foreach (var (part, some) in places.Chunk(MaxMarkers).Index())
                {
                    var named = Series.At(index, line.Name, [.. some.Select(place => place.Mean)]);
                    series.Add((part == 0 ? named : named with { Name = null }) with { Line = LineStyle.None });
                }
            }

            ImmutableArray<ChartPoint> spread = [.. places.SelectMany(place => place.Spread)];
            if (!spread.IsEmpty)
                series.Add(Series.At(index, "", spread) with { Name = null, Line = LineStyle.Thin, Marker = MarkerShape.None });
        }

        return series.Count == 0 ? null : new ScatterChart
        {
            Description = $"{plot.Title}: top-1 accuracy, mean over seeds with 95 % intervals, against multiply-adds for one image.",
            XTitle = "million multiply-adds (logarithmic)",
            YTitle = "top-1 accuracy",
            XAxis = AxisKind.Logarithmic,
            YIsShare = true,
            Series = series.ToImmutable(),
        };
    }

    // At the largest budget that the point has.
    private static IEnumerable<Place> PlaceOf(StudyScores scores, (string Series, string Point) point, bool isJoined)
    {
        foreach (string budget in scores.BudgetsOf([point]).Take(1))
        {
            var found = scores.Of(budget, point.Series, point.Point);
            if (found.IsEmpty) continue;
            var top1 = StudyTables.Top1(found);
            double x = found[0].Macs / 1e6;
            var mean = new ChartPoint(
                x, top1.Mean, isJoined || found.Length < 2 ? null : point.Point,
                $"{point.Series} {point.Point}: {StudyTables.WithSpread(top1)}, {Numbers.Short(found[0].Macs)} multiply-adds");
            yield return new Place(mean, top1.Interval is { } interval
                ? [new(x, Math.Max(0, interval.Lower)), new(x, Math.Min(1, interval.Upper)), new(double.NaN, double.NaN)] : []);
        }
    }

    private readonly record struct Place(ChartPoint Mean, ImmutableArray<ChartPoint> Spread);
}
