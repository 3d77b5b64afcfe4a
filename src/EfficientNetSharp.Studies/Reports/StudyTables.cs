using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Files;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Statistics;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Reports;

/// <summary>A study's results as tables: of all trials, of means over seeds, of claims.</summary>
internal static class StudyTables
{
    /// <summary>The share of the loss of guessing above which a network counts as not having begun to learn.</summary>
    private const double UnlearnedShare = 0.8;

    /// <summary>All results in the study's order, without what differs from one machine to another.</summary>
    public static string Csv(IEnumerable<Trial> trials, IReadOnlyDictionary<string, TrialResult> results)
    {
        string[] head =
        [
            "series", "point", "budget", "seed", "network", "resolution", "parameters", "macs", "epochs", "best_epoch", "validation_top1",
            "validation_top5", "validation_loss", "test_top1", "test_top5", "test_loss", "diverged", "key",
        ];
        var rows = new List<string> { CsvText.Row(head) };
        foreach (var trial in trials)
        {
            string key = trial.Key;
            if (!results.TryGetValue(key, out var result)) continue;
            rows.Add(CsvText.Row(
            [
                trial.Series, trial.Point, trial.Budget, trial.Recipe.Seed.ToString(CultureInfo.InvariantCulture), trial.Architecture.Name,
                Number(result.Resolution), Number(result.Parameters), Number(result.Macs), Number(result.Epochs), Number(result.BestEpoch),
                .. Scores(result.Validation), .. Scores(result.Test), result.Diverged ?? "", key,
            ]));
        }

        return string.Join('\n', rows) + "\n";

        static string[] Scores(TrialScore? score) =>
            score is null ? ["", "", ""] : [Number(score.Top1), Number(score.Top5), score.Loss is { } loss ? Number(loss) : ""];
    }

    /// <summary>Means over seeds with their standard errors and intervals.</summary>
    public static string Summary(StudyScores scores)
    {
        var rows = new List<string>
        {
            CsvText.Row(
            [
                "series", "point", "budget", "seeds", "macs", "parameters", "top1", "top1_standard_error", "top1_lower", "top1_upper", "top5",
                "loss",
            ]),
        };
        foreach (var (budget, (series, point), found) in Points(scores))
        {
            var top1 = Top1(found);
            rows.Add(CsvText.Row(
            [
                series, point, budget, Number(found.Length), Number(found[0].Macs), Number(found[0].Parameters), Number(top1.Mean),
                Optional(top1.StandardError), Optional(top1.Interval?.Lower), Optional(top1.Interval?.Upper),
                Number(found.Average(one => one.Score.Top5)), Optional(found.Average(one => one.Score.Loss)),
            ]));
        }

        return string.Join('\n', rows) + "\n";

        static string Optional(double? value) => value is { } number ? Number(number) : "";
    }

    /// <summary>The table of means of one budget.</summary>
    public static ScalingTable Means(StudyScores scores, string budget) => new(
        $"Results at {budget}",
        "Top-1 is the mean over seeds with Student's 95 % interval; multiply-adds are of convolutions and linear layers for one image.",
        ["line", "point", "pixels", "parameters", "million multiply-adds", "seeds", "top-1", "top-5", "loss"],
        [
            .. Points(scores).Where(row => row.Budget == budget).Select(row => ImmutableArray.Create(
                row.Place.Series, row.Place.Point, Number(row.Found[0].Resolution), Numbers.Whole(row.Found[0].Parameters),
                Numbers.Fixed(row.Found[0].Macs / 1e6, 2), Number(row.Found.Length), WithSpread(Top1(row.Found)),
                Percent(row.Found.Average(one => one.Score.Top5)),
                row.Found.Average(one => one.Score.Loss) is { } loss ? Numbers.Fixed(loss, 3) : "–")),
        ],
        2);

    /// <summary>Which networks have learned little more than that there are so many classes; <see langword="null"/> if none has.</summary>
    /// <remarks>Guessing has a loss of ln(classes). What still has most of it says who begins to learn first, not which network is better.</remarks>
    public static string? Unlearned(StudyScores scores, int classes)
    {
        double guessing = Math.Log(classes);
        string[] slow =
        [
            .. Points(scores).Select(row => (row.Budget, row.Place, Loss: row.Found.Average(one => one.Score.Loss)))
                .Where(row => row.Loss > UnlearnedShare * guessing)
                .Select(row => $"{row.Place.Series} {row.Place.Point} after {row.Budget} ({Numbers.Fixed(row.Loss!.Value, 2)})"),
        ];
        return slow.Length == 0 ? null
            : $"Hardly begun to learn, by a loss near the {Numbers.Fixed(guessing, 2)} of guessing: {string.Join(", ", slow)}. "
            + "Orders with them say who learns sooner, not who is better in the end; more epochs tell.";
    }

    /// <summary>The claims and their verdicts.</summary>
    public static ScalingTable Verdicts(ImmutableArray<ClaimVerdict> verdicts) => new(
        "What holds",
        "Differences are taken seed by seed. A claim holds where the interval of their mean excludes 0 at every budget, of which there are two at "
        + "least; intervals are of each claim by itself.",
        ["claim", "verdict", "difference in points", "the paper"],
        [
            .. verdicts.Select(verdict => ImmutableArray.Create(
                verdict.Claim.Text, verdict.Why.Length == 0 ? verdict.Words : $"{verdict.Words}: {verdict.Why}",
                string.Join("; ", verdict.Evidence.Select(Evidence)),
                verdict.Claim.Published.Length == 0 ? "–" : verdict.Claim.Published)),
        ],
        4);

    /// <summary>A mean with half its interval, in per cent.</summary>
    public static string WithSpread(SampleSummary summary) => summary.Interval is { } interval
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Mean:0.00} ± {100 * (interval.Upper - interval.Lower) / 2:0.00} %")
        : Percent(summary.Mean);

    /// <summary>The top-1 of some results.</summary>
    public static SampleSummary Top1(ImmutableArray<TrialResult> results) => SampleSummary.Of([.. results.Select(one => one.Score.Top1)]);

    private static string Evidence(ClaimEvidence evidence) => evidence.Difference is not { } difference ? $"{evidence.Budget}: none"
        : difference.Interval is { } interval
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{evidence.Budget}: {100 * difference.Mean:+0.00;-0.00;0.00} ({100 * interval.Lower:+0.00;-0.00;0.00} … {100 * interval.Upper:+0.00;-0.00;0.00})")
            : string.Create(CultureInfo.InvariantCulture, $"{evidence.Budget}: {100 * difference.Mean:+0.00;-0.00;0.00}");

    private static IEnumerable<(string Budget, (string Series, string Point) Place, ImmutableArray<TrialResult> Found)> Points(StudyScores scores) =>
        from budget in scores.Budgets
        from place in scores.Points
        let found = scores.Of(budget, place.Series, place.Point)
        where found.Length > 0
        select (budget, place, found);

    private static string Percent(double share) => Numbers.Fixed(100 * share, 2) + " %";

    private static string Number(double value) => NumberText.Of(value);
}
