using System.Text.Json.Nodes;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>Shows a study as it goes, and what came of it.</summary>
internal sealed class StudyView(Terminal terminal) : IProgress<StudyProgress>
{
    public void Report(StudyProgress value)
    {
        string left = value.Remaining is { } time ? $"  {Durations.Of(time.TotalSeconds)} left" : "";
        string of = $"{value.Done}/{value.Total}";
        if (value.Trial is not { } trial)
        {
            terminal.Progress($"{of} waiting for {NumberText.Counted(value.Processes, "other process", "other processes")}{left}");
            return;
        }

        string name = $"{trial.Series} {trial.Point}, {trial.Budget}, seed {trial.Recipe.Seed}";
        if (value.Result is { } result)
        {
            string score = result.Diverged is not null ? "training diverged" : result.Embedding is { } embedding ? ScoresOf(embedding)
                : $"top-1 {100 * result.Score.Top1:F2} %";
            terminal.Note(
                $"{of}  {name}  {score}  {Durations.Of(result.Seconds)}{left}", result.Diverged is null ? TextStyle.Plain : TextStyle.Bad);
            return;
        }

        string epoch = value.Training is { } training ? $"  epoch {Math.Min(training.Epoch, training.Epochs)}/{training.Epochs}" : "";
        terminal.Progress($"{of} {ProgressBar.Of(value.Done, value.Total, width: 10)}  {name}{epoch}{left}");
    }

    private static string ScoresOf(EmbeddingResult embedding) => $"{(embedding.IsVerification ? "verification" : "recall@1")} " + string.Join(
        ", ", embedding.Precisions.Select(one => $"{StudyPrecisions.WordOf(one.Precision)} {100 * embedding.AccuracyOf(one).Value:F2} %"));

    /// <summary>The claims and their verdicts as a table.</summary>
    public static TextTable Verdicts(IEnumerable<ClaimVerdict> verdicts)
    {
        var table = new TextTable().Left("claim").Left("verdict").Left("why");
        foreach (var verdict in verdicts) table.Add(verdict.Claim.Text, verdict.Words, verdict.Why);
        return table;
    }

    /// <summary>A study's results for programs.</summary>
    public static JsonObject ToJson(Study study, IReadOnlyDictionary<string, TrialResult> results, IEnumerable<string> files)
    {
        var trials = study.Trials(results);
        return new JsonObject
        {
            ["study"] = study.Settings.Kind.ToString().ToLowerInvariant(),
            ["trials"] = trials.Length,
            ["done"] = trials.Count(trial => trial is not null && results.ContainsKey(trial.Key)),
            ["remarks"] = new JsonArray([.. study.Remarks(results).Select(remark => (JsonNode)remark)]),
            ["claims"] = new JsonArray([.. study.Judge(results).Select(VerdictJson)]),
            ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
        };
    }

    private static JsonNode VerdictJson(ClaimVerdict verdict) => new JsonObject
    {
        ["claim"] = verdict.Claim.Text,
        ["verdict"] = verdict.Words,
        ["why"] = verdict.Why,
        ["published"] = verdict.Claim.Published,
        ["evidence"] = new JsonArray([.. verdict.Evidence.Select(one => (JsonNode)new JsonObject
        {
            ["budget"] = one.Budget,
            ["seeds"] = one.Difference?.Count ?? 0,
            ["difference"] = one.Difference?.Mean,
            ["lower"] = one.Difference?.Interval?.Lower,
            ["upper"] = one.Difference?.Interval?.Upper,
        })]),
    };
}
