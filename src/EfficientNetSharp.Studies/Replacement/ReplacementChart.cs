using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>Draws accuracy over a time: a series for each precision, and a line through what nothing beats in both.</summary>
internal static class ReplacementChart
{
    /// <summary>The chart; <see langword="null"/> where no row has such a time.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="timeOf">A row's time in milliseconds.</param>
    /// <param name="xTitle">What the times are.</param>
    /// <param name="measure">What the accuracy is.</param>
    /// <param name="chosen">The row to ring; <see langword="null"/> for none.</param>
    public static ScatterChart? Of(
        IReadOnlyList<ReplacementRow> rows, Func<ReplacementRow, double?> timeOf, string xTitle, string measure, ReplacementRow? chosen)
    {
        var timed = rows.Where(row => timeOf(row) is not null).ToList();
        if (timed.Count == 0) return null;
        var series = ImmutableArray.CreateBuilder<Series>();
        foreach (var group in timed.GroupBy(row => row.Precision))
        {
            int place = (int)group.Key;
            string word = StudyPrecisions.WordOf(group.Key);
            series.Add(Series.At(place, word, [.. group.Select(PointOf)]) with { Line = LineStyle.None });
            series.Add(Series.At(place, "", [.. group.SelectMany(SpreadOf)]) with
            {
                Name = null, Line = LineStyle.Thin, Marker = MarkerShape.None,
            });
        }

        var front = Front(timed, timeOf);
        series.Add(Series.At(4, "none is both faster and more accurate",
            [.. front.Select(row => new ChartPoint(timeOf(row)!.Value, row.Accuracy.Mean))])
            with { Line = LineStyle.Dotted, Marker = MarkerShape.None });
        return new ScatterChart
        {
            Description = $"{measure} on the images that judge with 95 % intervals over identities, against {xTitle}.",
            XTitle = xTitle + ", logarithmic",
            YTitle = measure,
            XAxis = AxisKind.Logarithmic,
            YIsShare = true,
            Series = series.ToImmutable(),
            Mark = chosen is not null && timeOf(chosen) is { } at ? (at, chosen.Accuracy.Mean, "recommended") : null,
        };

        ChartPoint PointOf(ReplacementRow row)
        {
            double ms = timeOf(row)!.Value;
            return new ChartPoint(
                ms, row.Accuracy.Mean, ShortName(row),
                FormattableString.Invariant($"{row.Name}: {100 * row.Accuracy.Mean:0.0} % [{100 * row.Spread.Lower:0.0}, {100 * row.Spread.Upper:0.0}], {ms:0.0} ms"));
        }

        IEnumerable<ChartPoint> SpreadOf(ReplacementRow row)
        {
            double ms = timeOf(row)!.Value;
            return [new(ms, row.Spread.Lower), new(ms, row.Spread.Upper), new(double.NaN, double.NaN)];
        }
    }

    /// <summary>The rows than which none is both faster and more accurate, fastest first.</summary>
    public static IReadOnlyList<ReplacementRow> Front(IEnumerable<ReplacementRow> rows, Func<ReplacementRow, double?> timeOf)
    {
        var front = new List<ReplacementRow>();
        foreach (var row in rows.OrderBy(row => timeOf(row)).ThenByDescending(row => row.Accuracy.Mean))
        {
            if (front.Count == 0 || row.Accuracy.Mean > front[^1].Accuracy.Mean) front.Add(row);
        }

        return front;
    }

    // “b0 flatten*”: what tells networks apart, and a star for those with a teacher.
    private static string ShortName(ReplacementRow row) =>
        row.Network.Name.Replace("efficientnet_", "", StringComparison.Ordinal).Replace("efficientnetv2_", "v2_", StringComparison.Ordinal)
            .Replace(":head=", " ", StringComparison.Ordinal)
        + (row.Training == ReplacementStudy.Alone ? "" : "*");
}
