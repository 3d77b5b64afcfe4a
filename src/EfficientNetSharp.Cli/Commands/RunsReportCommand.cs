using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet report runs</c>: training runs side by side.</summary>
internal static class RunsReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var folders = new InputArgument<string[]>("RUN", InputKind.Folder) { Description = "Folders of training runs.", Arity = ArgumentArity.OneOrMore };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.Folder,
            Description = "Folder for table and plot.",
            Standard = Path.Combine("runs", "comparison"),
        };
        var command = new Command("runs", "Compare training runs: from scratch, probes, fine-tuned.") { folders, output };
        command.SetAction(parsed =>
        {
            var comparison = new RunComparison([.. parsed.GetRequiredValue(folders).Select(Read)]);
            var first = comparison.Runs[0];
            if (comparison.Runs.FirstOrDefault(run => run.Score != first.Score) is { } other)
            {
                throw new InvalidInputException(
                    $"'{first.Name}' is judged by {first.Score.Title}, '{other.Name}' by {other.Score.Title}; name runs of one task.");
            }

            terminal.Output.Write(comparison.ToMarkdown());
            if (!comparison.SameData) terminal.Note("note: the runs learned from different images, so their figures do not compare.");
            foreach (string file in comparison.Write(output.RequiredPathIn(parsed))) terminal.Note(file);
            return EffnetCommand.Done;
        });
        return command;
    }

    private static ComparedRun Read(string path)
    {
        var folder = new RunFolder(path);
        var description = folder.ReadDescription();
        var history = folder.ReadHistory(description.Task);
        string start = description.From is { } from ? Path.GetFileName(from.Path) : "scratch";
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return new ComparedRun(name, description.Network.Name, start, description.DataFingerprint, history)
        {
            Score = description.Task.Score,
        };
    }
}
