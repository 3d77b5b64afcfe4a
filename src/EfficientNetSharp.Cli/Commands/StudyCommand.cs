using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Studies;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet study</c>: the paper's experiments, done on images at hand.</summary>
internal static class StudyCommand
{
    private static readonly (StudyKind Kind, string Description)[] Kinds =
    [
        (StudyKind.Fig3, "Accuracy over multiply-adds along width, depth, resolution and all three (Figure 3)."),
        (StudyKind.Fig4, "Width under four settings of depth and resolution (Figure 4)."),
        (StudyKind.Grid, "The grid search of α, β and γ by training (section 3.3)."),
        (StudyKind.Tables, "MobileNets, ResNet-50 and B0 scaled along each axis and along all (Tables 3 and 7)."),
        (StudyKind.Search, "The search of a baseline: evolution beside random search (section 4)."),
        (StudyKind.Strategies, "Published strategies of scaling at equal multiply-adds and at equal time."),
        (StudyKind.Replace, "What may replace a product's embedding: networks trained alike, in integers, with a device's time."),
    ];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("study", "Do the paper's experiments: tables of trained networks that resume and that processes share.");
        var list = new Command("list", "Show the studies and what they train.");
        list.SetAction(_ => List(terminal));
        command.Add(list);
        foreach (var (kind, description) in Kinds) command.Add(Create(terminal, kind, description));
        command.Add(ImageNetStudyCommand.Create(terminal));
        command.Add(CreateReport(terminal));
        return command;
    }

    private static int List(Terminal terminal)
    {
        var table = new TextTable().Left("study").Left("networks").Left("what it asks");
        foreach (var (kind, description) in Kinds)
            table.Add(kind.ToString().ToLowerInvariant(), string.Join(", ", Study.PaperBaselines(kind)), description);
        terminal.Write(table);
        return EffnetCommand.Done;
    }

    private static Command Create(Terminal terminal, StudyKind kind, string description)
    {
        var words = new StudyWords(kind);
        var command = new Command(words.Name, description) { words.Data };
        foreach (var option in words.All) command.Add(option);
        command.SetAction(parsed => Run(terminal, parsed, words));
        return command;
    }

    private static int Run(Terminal terminal, ParseResult parsed, StudyWords words)
    {
        var data = words.DataIn(parsed, terminal);
        var starts = words.StartsIn(parsed, terminal);
        var folder = new StudyFolder(words.Output.RequiredPathIn(parsed));
        var study = Study.Of(words.SettingsIn(parsed, data.Info, starts, folder, terminal));
        int processes = parsed.GetValue(words.Processes);
        bool json = parsed.GetValue(words.Json), isWorker = parsed.GetValue(words.Worker);
        if (parsed.GetValue(words.DryRun))
        {
            terminal.Progress("timing a few steps …");
            var view = new StudyPlanView(
                study, folder.Table.Read(), StepTimer.Calibrate(study.Trials(folder.Table.Read()).OfType<Trial>(), data, terminal.Interrupted), processes);
            terminal.EndProgress();
            if (json) Json.Write(terminal, view.ToJson());
            else view.Write(terminal);
            return EffnetCommand.Done;
        }

        if (folder.Begin(study.Settings) && !isWorker)
            terminal.Note($"'{folder.Path}' holds {NumberText.Counted(folder.Table.Read().Count, "trial")} already; going on.");
        var options = new StudyRunOptions
        {
            Shard = parsed.GetValue(words.Share) ?? Shard.Whole,
            Place = WorkerPlace.Of(terminal.Environment),
            Latency = words.LatencyIn(parsed, terminal.Interrupted),
            Starts = starts,
            EndsEarly = isWorker,
        };
        try
        {
            using var workers = new StudyWorkers(parsed, words, processes, terminal);
            StudyRunner.Run(study, data, folder, options, isWorker ? null : new StudyView(terminal), terminal.Interrupted);
            terminal.EndProgress();
        }
        catch (OperationCanceledException) when (!isWorker)
        {
            terminal.Note($"Stopped; '{folder.Path}' holds all trials that are done. The same command goes on.");
            throw;
        }

        if (!isWorker) Show(terminal, study, folder, json);
        return EffnetCommand.Done;
    }

    private static Command CreateReport(Terminal terminal)
    {
        var folder = new InputArgument<string>("STUDY", InputKind.Folder) { Description = "The folder of a study." };
        var json = SharedOptions.Json();
        var command = new Command("report", "Write a study's page, tables and plots anew, by the trials that are done.") { folder, json };
        command.SetAction(parsed =>
        {
            var of = new StudyFolder(parsed.GetRequiredValue(folder));
            Show(terminal, Study.Of(of.ReadSettings()), of, parsed.GetValue(json));
            return EffnetCommand.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, Study study, StudyFolder folder, bool json)
    {
        var files = folder.WriteReport(study);
        var results = folder.Table.Read();
        if (json)
        {
            Json.Write(terminal, StudyView.ToJson(study, results, files));
            return;
        }

        foreach (string remark in study.Remarks(results)) terminal.Output.WriteLine(remark);
        var verdicts = study.Judge(results);
        if (!verdicts.IsEmpty) terminal.Write(StudyView.Verdicts(verdicts));
        foreach (string file in files) terminal.Note(file);
    }
}
