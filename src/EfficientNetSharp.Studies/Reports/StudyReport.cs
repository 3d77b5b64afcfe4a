using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Reports;

/// <summary>Writes what a study's folder shows: tables, plots and the page. Equal results give equal files.</summary>
internal static class StudyReport
{
    private const string Caution =
        "This is a proxy: small networks, small images and few epochs on another set. It shows what it shows of them; ImageNet-size networks and "
        + "long trainings may be ordered otherwise (Bello et al. 2021, “Revisiting ResNets”; pycls' B5 is worse than its B4 after 100 epochs).";

    public static IReadOnlyList<string> Write(Study study, IReadOnlyDictionary<string, TrialResult> results, StudyFolder folder)
    {
        var all = study.Trials(results);
        var trials = all.OfType<Trial>().ToList();
        var scores = study.ScoresOf(results);
        var plots = study.Plots(results).Select(plot => (plot.Name, plot.Title, Chart: StudyChart.Of(plot, scores)))
            .Where(plot => plot.Chart is not null).ToList();
        int done = trials.Count(trial => results.ContainsKey(trial.Key));
        return ReportFolder.Write(
            folder.Path,
            [
                (Path.GetFileName(folder.Csv), StudyTables.Csv(trials, results)),
                (Path.GetFileName(folder.Summary), StudyTables.Summary(scores)),
                .. plots.Select(plot => (plot.Name + ".svg", plot.Chart!.ToSvg())),
                (Path.GetFileName(folder.Page), Page(study, results, scores, done, all.Length, plots.Select(plot => (plot.Title, plot.Chart!)))),
            ]);
    }

    private static string Page(
        Study study, IReadOnlyDictionary<string, TrialResult> results, StudyScores scores, int done, int total,
        IEnumerable<(string Title, ScatterChart Chart)> plots)
    {
        return ReportPage.Html(
            study.Title,
            "Written by EfficientNetSharp. Paper: M. Tan and Q. V. Le, EfficientNet: Rethinking Model Scaling for Convolutional "
            + "Neural Networks, arXiv 1905.11946 v5.",
            page =>
            {
                page.Element("h1", study.Title);
                page.Element("p", study.Lead, ("class", "muted"));
                page.Element("p", Setting(study.Settings), ("class", "muted"));
                page.Element("p", Caution, ("class", "muted"));
                if (done < total) page.Element("p", $"{done} of {total} trials are done; what follows is of those.", ("class", "warning"));
                WriteDiverged(page, study, results);
                if (StudyTables.Unlearned(scores, study.Settings.Data.Classes) is { } unlearned)
                    page.Element("p", unlearned, ("class", "warning"));
                foreach (var (title, chart) in plots)
                {
                    page.Element("h2", title);
                    page.Element("p", chart.Description, ("class", "muted"));
                    using (page.Open("div", ("class", "panel scroll"))) chart.Write(page);
                }

                var verdicts = study.Judge(results);
                if (!verdicts.IsEmpty)
                {
                    ScalingPages.WriteTable(page, StudyTables.Verdicts(verdicts));
                    page.Element("p", Agreement(verdicts));
                }

                foreach (string remark in study.Remarks(results)) page.Element("p", remark);
                foreach (string budget in scores.Budgets)
                {
                    var table = StudyTables.Means(scores, budget);
                    if (!table.Rows.IsEmpty) ScalingPages.WriteTable(page, table);
                }

            });
    }

    private static string Setting(StudySettings settings)
    {
        var data = settings.Data;
        string networks = string.Join(", ", settings.Baselines.Select(network => $"{network.Name} at {network.Resolution} pixels"));
        return $"Baseline: {networks}. Images: {data.Name}, {NumberText.Counted(data.Train, "image")} of " +
            $"{NumberText.Counted(data.Classes, "class", "classes")} to learn from, judged by {data.JudgedBy}. " +
            $"Budgets: {string.Join(", ", settings.EpochsOfBudgets.Select(StudySettings.BudgetName))}; " +
            $"{NumberText.Counted(settings.Seeds, "seed")} from {settings.Recipe.Seed}.";
    }

    /// <summary>Names the trials whose training diverged, where there are some.</summary>
    public static void WriteDiverged(MarkupWriter page, Study study, IReadOnlyDictionary<string, TrialResult> results)
    {
        var diverged = study.Trials(results).OfType<Trial>()
            .Select(trial => (Trial: trial, Result: results.GetValueOrDefault(trial.Key)))
            .Where(one => one.Result?.Diverged is not null).ToList();
        if (diverged.Count == 0) return;
        using (page.Open("div", ("class", "warning")))
        {
            page.Text($"Training diverged in {NumberText.Counted(diverged.Count, "trial")}, which count as getting nothing right:");
            foreach (var (trial, result) in diverged)
            {
                page.Element(
                    "span", $"{trial.Series} {trial.Point}, {trial.Budget}, seed {trial.Recipe.Seed}: {result!.Diverged}", ("class", "item"));
            }
        }
    }

    private static string Agreement(ImmutableArray<ClaimVerdict> verdicts)
    {
        int holds = verdicts.Count(one => one.Kind == VerdictKind.Holds), reversed = verdicts.Count(one => one.Kind == VerdictKind.Reversed);
        return $"Of {NumberText.Counted(verdicts.Length, "claim")}, {holds} hold here, of {reversed} the reverse holds, and " +
            $"{verdicts.Length - holds - reversed} are not settled.";
    }
}
