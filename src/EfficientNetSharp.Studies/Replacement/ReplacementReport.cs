using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Reports;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>
/// Writes what a replacement study's folder shows. Equal results give equal tables; pages also tell of times measured here.
/// </summary>
internal sealed class ReplacementReport
{
    private readonly Study _study;
    private readonly ReplacementStudy _plan;
    private readonly IReadOnlyDictionary<string, TrialResult> _results;
    private readonly List<Trial> _trials;
    private readonly StudyScores _scores;
    private readonly List<ReplacementRow> _rows;
    private readonly Recommendation _recommendation;
    private readonly (string Name, string Title, ScatterChart Chart)[] _charts;

    private ReplacementReport(Study study, ReplacementStudy plan, IReadOnlyDictionary<string, TrialResult> results)
    {
        (_study, _plan, _results) = (study, plan, results);
        _trials = [.. study.Trials(results).OfType<Trial>()];
        _scores = study.ScoresOf(results);
        var replacement = study.Settings.Replacement;
        _rows = [.. ReplacementRow.Of(plan, _scores, _scores.Budgets[0])];
        _recommendation = plan.RecommendationOf(_rows);
        string measure = ReplacementTables.Measure(_rows), device = replacement.Precision.Device;
        (string, string, ScatterChart?)[] charts =
        [
            ("device", $"Accuracy over the time predicted for {device}", ReplacementChart.Of(
                _rows, row => row.DeviceMs, $"ms predicted for {device} at {replacement.Precision.DeviceResolution} pixels", measure,
                _recommendation.Chosen)),
            ("engine", "Accuracy over the engine’s time on this machine", ReplacementChart.Of(
                _rows, row => row.EngineMs, $"ms measured with the engine, one thread, at {study.Settings.Preprocessing.Height} pixels",
                measure, null)),
        ];
        _charts = [.. charts.Where(one => one.Item3 is not null).Select(one => (one.Item1, one.Item2, one.Item3!))];
    }

    public static IReadOnlyList<string> Write(
        Study study, ReplacementStudy plan, IReadOnlyDictionary<string, TrialResult> results, StudyFolder folder)
    {
        var report = new ReplacementReport(study, plan, results);
        return ReportFolder.Write(
            folder.Path,
            [
                (Path.GetFileName(folder.Csv), ReplacementTables.Csv(report._trials, results)),
                (Path.GetFileName(folder.Summary), ReplacementTables.Summary(plan, report._scores)),
                .. report._charts.Select(one => (one.Name + ".svg", one.Chart.ToSvg())),
                (Path.GetFileName(folder.Page), report.Page()),
            ]);
    }

    private string Page() => ReportPage.Html(_study.Title, "Written by EfficientNetSharp.", page =>
    {
        var settings = _study.Settings;
        int done = _trials.Count(trial => _results.ContainsKey(trial.Key));
        page.Element("h1", _study.Title);
        page.Element("p", _study.Lead, ("class", "muted"));
        page.Element("p", Setting(), ("class", "muted"));
        if (done < _trials.Count)
            page.Element("p", $"{done} of {_trials.Count} trials are done; what follows is of those.", ("class", "warning"));
        StudyReport.WriteDiverged(page, _study, _results);
        page.Element("h2", "Recommendation");
        foreach (string sentence in _recommendation.Sentences) page.Element("p", sentence);
        foreach (var (_, title, chart) in _charts)
        {
            page.Element("h2", title);
            page.Element("p", chart.Description, ("class", "muted"));
            using (page.Open("div", ("class", "panel scroll"))) chart.Write(page);
        }

        ScalingPages.WriteTable(page, ReplacementTables.Measured(_rows, settings.Replacement.Precision));
        ScalingPages.WriteTable(page, ReplacementTables.All(_rows, settings, _scores.Budgets[0]));
        var verdicts = _study.Judge(_results);
        if (!verdicts.IsEmpty) ScalingPages.WriteTable(page, StudyTables.Verdicts(verdicts));
        foreach (string budget in _scores.Budgets.Skip(1))
        {
            List<ReplacementRow> rows = [.. ReplacementRow.Of(_plan, _scores, budget)];
            if (rows.Count > 0) ScalingPages.WriteTable(page, ReplacementTables.All(rows, settings, budget));
        }

        page.Element("h2", "What is measured, what is predicted, and what is not shown");
        foreach (string sentence in Cautions()) page.Element("p", sentence);
    });

    private string Setting()
    {
        var settings = _study.Settings;
        var data = settings.Data;
        var judged = _rows.Select(row => row.Found[0].Embedding!).FirstOrDefault();
        string judges = judged is null ? "" : $", judged by {NumberText.Counted(judged.Images, "image")} of " +
            $"{NumberText.Counted(judged.Identities, "other identity", "other identities")} ({NumberText.Counted(judged.Genuine, "genuine pair")}, " +
            $"{NumberText.Counted(judged.Impostors, "impostor pair")})";
        return $"Images: {data.Name}, {NumberText.Counted(data.Train, "image")} of {NumberText.Counted(data.Classes, "identity", "identities")} to learn " +
            $"from at {settings.Preprocessing.Height} pixels{judges}. " +
            (data.Test > 0 ? $"The best epoch is chosen by {NumberText.Counted(data.Validation, "image")} of identities apart from both. "
                : "The images that judge chose the best epoch too. ") +
            $"Loss: {settings.Recipe.Embedding.Loss}. Budgets: {string.Join(", ", settings.EpochsOfBudgets.Select(StudySettings.BudgetName))}" +
            (settings.Recipe.MinSteps > 0 ? $", at least {NumberText.Counted(settings.Recipe.MinSteps, "step")}" : "") +
            $", in batches of {settings.Recipe.BatchSize}; {NumberText.Counted(settings.Seeds, "seed")} from {settings.Recipe.Seed}.";
    }

    private IEnumerable<string> Cautions()
    {
        var (settings, precision) = (_study.Settings, _study.Settings.Replacement.Precision);
        var hosts = _rows.SelectMany(row => row.Found).Where(result => result.Embedding!.Precisions.Any(one => one.EngineMs is not null))
            .Select(result => result.Host).Distinct().Order(StringComparer.Ordinal).ToList();
        yield return "Measured: accuracies, in the arithmetic of RKNN-Toolkit 1.7 as the engine computes it; sizes of .safetensors files" +
            (hosts.Count == 0 ? "." : $"; the engine's times, each the shortest of some runs on {string.Join(" and ", hosts)} while the study ran, " +
            "which is why they are not in the table that equal studies share.") + " The product's own table was measured on the device.";
        yield return $"Predicted: times and file sizes on {precision.Device}. {precision.Profile.Source} Mixed plans and the converters in them " +
            "were never measured there.";
        if (precision.DeviceResolution != settings.Preprocessing.Height)
        {
            yield return $"Networks were trained and judged at {settings.Preprocessing.Height} pixels, and the device's times are of the same " +
                $"networks at {precision.DeviceResolution}: at that size all would probably be more accurate, and not necessarily in this order.";
        }

        yield return "Not shown: what these networks reach on the millions of images that recognition products are trained with. So few " +
            "identities order networks by how soon they learn, which tends to favour small ones and good beginnings; large ones tend to gain " +
            "most from more images and steps. An interval over identities tells of other identities of this kind, and not of other trainings: " +
            "that is what seeds are for" + (settings.Seeds < 2 ? ", of which there is one here." : ".") +
            (settings.Replacement.Starts.IsEmpty
                ? "" : " Networks that start from trained weights have seen far more images than those from scratch.");
    }
}
