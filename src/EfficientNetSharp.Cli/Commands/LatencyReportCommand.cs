using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports.Latency;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet report latency</c>: every network's latency on this machine, the paper's Table 4 for all.</summary>
internal static class LatencyReportCommand
{
    // A network beyond this takes seconds per image; three runs are enough there.
    private const double LargeMacs = 20e9;

    private const int LargeRounds = 3;

    public static Command Create(Terminal terminal)
    {
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.Folder,
            Description = "Folder for table and plot.",
            Standard = Path.Combine("runs", "latency"),
        };
        var part = new Option<string?>("--networks")
        {
            Description = "A part of the names to measure; all networks if not given, which takes minutes.",
        };
        var runner = new RunnerChoice();
        var command = new Command("latency", "Measure every network's latency here, engine and ONNX Runtime (the paper's Table 4).")
        {
            output, part,
        };
        runner.AddTo(command);
        command.SetAction(parsed => Run(terminal, output.RequiredPathIn(parsed), parsed.GetValue(part), runner.Get(parsed)));
        return command;
    }

    private static int Run(Terminal terminal, string folder, string? part, RunnerOptions options)
    {
        var networks = ArchitectureRegistry.All.Where(architecture => part is null
            || architecture.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        if (networks.Count == 0) throw new InvalidInputException($"No architecture's name contains '{part}'; 'effnet list' shows all.");
        var points = ImmutableArray.CreateBuilder<LatencyPoint>();
        foreach (var (index, architecture) in networks.Index())
        {
            terminal.Progress($"{index + 1} of {networks.Count}: {architecture.Name} …");
            points.Add(Measure(terminal, architecture, options));
        }

        terminal.EndProgress();
        var report = new LatencyReport(points.ToImmutable(), Machine(options));
        terminal.Output.Write(report.ToMarkdown());
        if (report.ResNetOverB1 is { } ratio)
            terminal.Output.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                $"ResNet-152 takes {ratio:F1} times as long as EfficientNet-B1 here; the paper's Table 4 has 5.7 on one core of a Xeon E5-2690."));
        foreach (string file in report.Write(folder)) terminal.Note(file);
        return EffnetCommand.Done;
    }

    /// <summary>What networks are measured on, in a sentence.</summary>
    public static string Machine(RunnerOptions options)
    {
        int cores = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        return string.Create(CultureInfo.InvariantCulture,
            $"One image, {cores} of {Environment.ProcessorCount} cores, {RunnerChoice.LevelOf(options)}, .NET {Environment.Version}; ")
            + "medians of runs that took turns.";
    }

    /// <summary>A network's latency on the engine and on ONNX Runtime.</summary>
    public static LatencyPoint Measure(Terminal terminal, Architecture architecture, RunnerOptions options)
    {
        var graph = architecture.Build();
        long macs = GraphCosts.Of(graph).Macs;
        var weights = WeightInitializer.Initialize(graph, seed: 0);
        using var engine = Host.Engine.Create(graph, weights, options);
        using var onnx = Host.OnnxRuntime.Create(graph, weights, options with { SimdBits = null });
        var times = TurnTimer.Time(
            [RunnerComparison.Turn(engine, batch: 1), RunnerComparison.Turn(onnx, batch: 1)],
            new TurnOptions { Rounds = macs > LargeMacs ? LargeRounds : null, HaveThreads = options.Threads != 1 },
            terminal.Interrupted);
        double? top1 = PublishedWeightsTable.ForArchitecture(architecture.Name).FirstOrDefault(row => row.Top1 is not null)?.Top1;
        return new LatencyPoint(architecture.Name, architecture.Family, architecture.Resolution, macs, times[0].MedianMs, times[1].MedianMs,
            top1);
    }
}
