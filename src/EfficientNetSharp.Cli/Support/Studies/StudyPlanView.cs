using System.Text.Json.Nodes;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>What a study is going to do, and how long that takes.</summary>
internal sealed class StudyPlanView
{
    private readonly Study _study;
    private readonly List<Row> _rows;
    private readonly int _undecided, _processes;
    private readonly double _undecidedSeconds;

    /// <summary>Counts a study.</summary>
    /// <param name="study">The study.</param>
    /// <param name="results">What is done of it.</param>
    /// <param name="model">How long trials take.</param>
    /// <param name="processes">Processes that share it.</param>
    public StudyPlanView(Study study, IReadOnlyDictionary<string, TrialResult> results, CostModel model, int processes)
    {
        (_study, _processes) = (study, processes);
        var trials = study.Trials(results);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        _rows =
        [
            .. trials.OfType<Trial>().GroupBy(trial => (trial.Budget, trial.Series, trial.Point)).Select(group =>
            {
                var size = TrialSize.Of(group.First(), study.Settings.Data);
                var keys = group.Select(trial => trial.Key).ToList();
                int left = keys.Count(key => !results.ContainsKey(key) && seen.Add(key));
                return new Row(group.First(), size, group.Count(), left, left * model.SecondsOf(size));
            }),
        ];
        _undecided = trials.Count(trial => trial is null);
        // What is not decided yet will cost about what the networks before it do.
        _undecidedSeconds = _undecided == 0 ? 0 : _undecided * _rows.Average(row => model.SecondsOf(row.Size));
    }

    /// <summary>Seconds that one process needs for what is left.</summary>
    public double Seconds => _rows.Sum(row => row.Seconds) + _undecidedSeconds;

    private int Trials => _rows.Sum(row => row.Seeds) + _undecided;

    private int Left => _rows.Sum(row => row.Left) + _undecided;

    public void Write(Terminal terminal)
    {
        var table = new TextTable().Left("line").Left("point").Left("budget").Right("pixels").Right("parameters").Right("multiply-adds")
            .Right("seeds").Right("to do").Right("time");
        foreach (var row in _rows)
        {
            table.Add(
                row.Trial.Series, row.Trial.Point, row.Trial.Budget, $"{row.Trial.Architecture.Resolution}", $"{row.Size.Parameters:N0}",
                ScalingView.Short(row.Size.Macs), $"{row.Seeds}", $"{row.Left}", Durations.Of(row.Seconds));
        }

        terminal.Write(table);
        if (_undecided > 0)
        {
            terminal.Output.WriteLine(
                $"{NumberText.Counted(_undecided, "further trial")}, which results decide: {Durations.Of(_undecidedSeconds)} if they cost as much");
        }

        WriteTotal(terminal);
    }

    public void WriteTotal(Terminal terminal) => terminal.Output.WriteLine(
        $"{_study.Title}: {NumberText.Counted(Left, "trial")} to do of {Trials}, {Durations.Of(Seconds)} on one process of " +
        $"{NumberText.Counted(_study.Settings.Threads, "thread")}" + (_processes > 1 ? $", {Durations.Of(Seconds / _processes)} on {_processes}" : ""));

    public JsonObject ToJson() => new()
    {
        ["study"] = _study.Settings.Kind.ToString().ToLowerInvariant(),
        ["trials"] = Trials,
        ["left"] = Left,
        ["hours"] = Math.Round(Seconds / 3600, 6),
        ["processes"] = _processes,
        ["networks"] = new JsonArray([.. _rows.Select(row => (JsonNode)new JsonObject
        {
            ["series"] = row.Trial.Series,
            ["point"] = row.Trial.Point,
            ["budget"] = row.Trial.Budget,
            ["network"] = row.Trial.Architecture.Name,
            ["resolution"] = row.Trial.Architecture.Resolution,
            ["parameters"] = row.Size.Parameters,
            ["macs"] = row.Size.Macs,
            ["seeds"] = row.Seeds,
            ["left"] = row.Left,
            ["hours"] = Math.Round(row.Seconds / 3600, 6),
        })]),
    };

    private sealed record Row(Trial Trial, TrialSize Size, int Seeds, int Left, double Seconds);
}
