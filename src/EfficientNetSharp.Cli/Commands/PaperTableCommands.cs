using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Evaluation.Reports.Latency;
using EfficientNetSharp.Evaluation.Reports.Paper;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet report table2</c>, <c>table4</c>, <c>table5</c>: the EfficientNet paper's tables beside what is here.</summary>
internal static class PaperTableCommands
{
    /// <summary>Prints a report's table.</summary>
    public static void Print(Terminal terminal, ScalingTable table)
    {
        terminal.Output.WriteLine(table.Title);
        var text = new TextTable();
        foreach (var (i, column) in table.Columns.Index())
        {
            if (i < table.TextColumns) text.Left(column);
            else text.Right(column);
        }

        foreach (var row in table.Rows) text.Add(row);
        terminal.Write(text);
    }

    /// <summary>The command of Table 2.</summary>
    public static Command Table2(Terminal terminal)
    {
        var words = new PaperTableOutput("table2");
        var command = new Command("table2",
            "The paper's Table 2: EfficientNet and ConvNets of its accuracy, counted, with published weights.");
        words.AddTo(command);
        command.SetAction(parsed =>
        {
            var table = ImageNetTable.Create(PublishedFor);
            words.Write(terminal, parsed, table.ToReport(),
                table.Groups.SelectMany(group => group.Select(row => PaperTableJson.Of(row, group[0]))));
            return EffnetCommand.Done;
        });
        return command;
    }

    // Of a network with its twin in TensorFlow's semantics; that by its own name first, as wherever a name stands for weights.
    private static ImmutableArray<PublishedAccuracy> PublishedFor(string architecture) =>
    [
        .. new[] { architecture, $"tf_{architecture}" }.SelectMany(name => PublishedWeightsTable.ForArchitecture(name))
            .Where(row => row.Top1 is not null)
            .Select(row => new PublishedAccuracy(row.Name, row.Resolution, row.Top1!.Value, row.Top5)),
    ];

    /// <summary>The command of Table 4.</summary>
    public static Command Table4(Terminal terminal)
    {
        var words = new PaperTableOutput("table4");
        // The paper measured on one core.
        var threads = SharedOptions.Threads();
        threads.DefaultValueFactory = _ => 1;
        var runner = new RunnerChoice(threads);
        var command = new Command("table4", "The paper's Table 4: latency of ResNet-152, EfficientNet-B1 and B7, measured here.");
        words.AddTo(command);
        runner.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = runner.Get(parsed);
            var rows = PaperLatency.Table4.Select(pair => new CpuLatencyRow(
                pair, pair.BaselineArchitecture is { } baseline ? Measured(baseline) : null, Measured(pair.Architecture)))
                .ToImmutableArray();
            terminal.EndProgress();
            var table = new CpuLatencyTable(rows, LatencyReportCommand.Machine(options));
            words.Write(terminal, parsed, table.ToReport(), rows.SelectMany(PaperTableJson.Of));
            return EffnetCommand.Done;

            LatencyPoint Measured(string name)
            {
                terminal.Progress($"{name} …");
                return LatencyReportCommand.Measure(terminal, ArchitectureRegistry.Get(name), options);
            }
        });
        return command;
    }

    /// <summary>The command of Table 5.</summary>
    public static Command Table5(Terminal terminal)
    {
        var runs = new InputArgument<string[]>("RUN", InputKind.Model)
        {
            Description = "Own results to stand beside it: folders of training runs, or .json files of 'effnet evaluate --json'.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var words = new PaperTableOutput("table5");
        var command = new Command("table5", "The paper's Table 5: transfer to eight sets, beside own runs.") { runs };
        words.AddTo(command);
        command.SetAction(parsed =>
        {
            var table = new TransferTable([.. (parsed.GetValue(runs) ?? []).Select(TransferRuns.Read)]);
            words.Write(terminal, parsed, table.ToReport(),
                [.. PaperTransfer.Table5.SelectMany(PaperTableJson.Of), .. table.Runs.Select(PaperTableJson.Of)]);
            return EffnetCommand.Done;
        });
        return command;
    }
}
