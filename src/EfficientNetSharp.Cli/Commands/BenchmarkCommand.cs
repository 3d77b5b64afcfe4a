using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Inference.Measuring;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet benchmark</c>: how fast a network runs here, backends side by side, and where the engine's time goes.</summary>
internal static class BenchmarkCommand
{
    private const string All = "all";

    private sealed record Result(string Backend, double MedianMs, double MinMs, double Gigaflops, double? PercentOfPeak,
        double? PeakMemoryMiB);

    public static Command Create(Terminal terminal)
    {
        var what = new InputArgument<string>("NAME|MODEL")
        {
            Description = SharedOptions.ArchitectureDescription + ", or a model file.",
        }.WithNetworks();
        var size = SharedOptions.Size();
        var threads = SharedOptions.Threads();
        var batch = SharedOptions.BatchSize(1);
        batch.Aliases.Add("--batch");
        var backend = new Option<string>("--backend") { Description = "Which to measure.", DefaultValueFactory = _ => All };
        backend.Among([All, .. Host.BackendNames]);
        var rounds = SharedOptions.Ranged(
            new Option<int?>("--rounds") { Description = "Runs of each; as many as a stable median needs if not given." }, 1, 100_000);
        var json = SharedOptions.Json();
        var command = new Command("benchmark", "Measure how fast a network runs here, backends side by side.")
        {
            what, size, threads, batch, backend, rounds, json,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(what), parsed.GetValue(size), parsed.GetValue(threads), parsed.GetValue(batch),
            parsed.GetRequiredValue(backend),
            parsed.GetValue(rounds), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string what, InputSize? size, int threads, int batch, string backend, int? rounds, bool json)
    {
        var (name, graph, weights) = Open(what, size);
        int cores = threads == 0 ? Environment.ProcessorCount : threads;
        string[] backends = backend == All ? Host.BackendNames : [backend];
        var runners = new List<IModelRunner>();
        try
        {
            var memory = new List<long?>();
            foreach (string each in backends) memory.Add(
                ResidentMemory.PeakGrowth(() => runners.Add(Start(each, graph, weights, threads, batch))));
            double peak = Enumerable.Range(0, 50).Max(_ => FmaPeak.MeasureGigaflops(SimdLevels.Best));
            var actions = runners.Select(runner => RunnerComparison.Turn(runner, batch)).ToList();
            terminal.Progress($"measuring {name} …");
            var times = TurnTimer.Time(actions, rounds, terminal.Interrupted);
            terminal.EndProgress();
            long macs = GraphCosts.Of(graph).Macs;
            var results = backends.Select((each, i) =>
            {
                double median = times[i].MedianMs, gigaflops = 2e-6 * macs * batch / median;
                return new Result(each, median, times[i].MinMs, gigaflops,
                    100 * gigaflops / (peak * Math.Min(cores, Environment.ProcessorCount)), memory[i] / 1048576.0);
            }).ToList();
            if (json) WriteJson(terminal, results, cores, batch);
            else WriteTable(terminal, name, graph, results, cores, batch, peak);
            if (!json && runners.OfType<EngineRunner>().FirstOrDefault() is { } engine) WriteProfile(terminal, engine, batch, peak * cores);
            return EffnetCommand.Done;
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }
    }

    private static (string Name, Graph Graph, WeightSet Weights) Open(string what, InputSize? size)
    {
        if (File.Exists(what) && !ArchitectureFile.IsFile(what))
        {
            var model = Host.Opener.Read(what, new ModelReadOptions { Size = size });
            return (model.Architecture?.Name ?? Path.GetFileName(what), model.Graph, model.Weights);
        }

        var architecture = ArchitectureFile.Get(what);
        var graph = architecture.Build(new BuildOptions { Height = size?.Height, Width = size?.Width });
        return (architecture.Name, graph, WeightInitializer.Initialize(graph, seed: 0));
    }

    // A first run belongs to the memory that a backend takes.
    private static IModelRunner Start(string backend, Graph graph, WeightSet weights, int threads, int batch)
    {
        var runner = Host.Opener.Backend(backend).Create(graph, weights, new RunnerOptions { Threads = threads });
        RunnerComparison.Turn(runner, batch)();
        return runner;
    }

    private static void WriteJson(Terminal terminal, List<Result> results, int threads, int batch) =>
        Json.Write(terminal, new JsonArray([.. results.Select(result => new JsonObject
    {
        ["backend"] = result.Backend,
        ["threads"] = threads,
        ["batch"] = batch,
        ["medianMs"] = result.MedianMs,
        ["minMs"] = result.MinMs,
        ["imagesPerSecond"] = 1000 * batch / result.MedianMs,
        ["gflops"] = result.Gigaflops,
        ["percentOfPeak"] = result.PercentOfPeak,
        ["peakMemoryMiB"] = result.PeakMemoryMiB,
    })]));

    private static void WriteTable(Terminal terminal, string name, Graph graph, List<Result> results, int threads, int batch, double peak)
    {
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} at {graph.Input.Shape}, batch {batch}, {threads} of {Environment.ProcessorCount} cores, {SimdLevels.Best}, .NET {Environment.Version}; {peak:F0} GFLOP/s a core measured"));
        var table = new TextTable().Left("backend");
        foreach (string column in new[] { "median ms", "least ms", "images/s", "GFLOP/s", "of the peak", "memory MiB",
            "against the engine" }) table.Right(column);
        double? engine = results.FirstOrDefault(result => result.Backend == Host.Engine.Name)?.MedianMs;
        foreach (var result in results)
        {
            table.Add(
                result.Backend, $"{result.MedianMs:F2}", $"{result.MinMs:F2}", $"{1000 * batch / result.MedianMs:F1}",
                $"{result.Gigaflops:F1}", $"{result.PercentOfPeak:F0} %",
                result.PeakMemoryMiB is { } memory ? $"{memory:F1}" : "–", engine is { } ours ? $"{result.MedianMs / ours:F2}×" : "–");
        }

        terminal.Write(table);
        terminal.Output.WriteLine(
            "memory: what the process grew by at its peak while the backend was made and ran first, weights included");
    }

    private static void WriteProfile(Terminal terminal, EngineRunner engine, int batch, double peak)
    {
        const int runs = 20;
        var steps = engine.Plan.Profile;
        var ticks = new long[steps.Length];
        float[] input = RunnerComparison.Noise(engine.InputShape, batch), output = new float[batch * engine.OutputShape.Count];
        for (int i = 0; i < runs; i++) engine.RunProfiled(input, batch, output, ticks);
        double total = ticks.Sum();
        var table = new TextTable().Left("the engine's steps");
        foreach (string column in new[] { "count", "ms", "of the time", "GFLOP/s", "of the peak" }) table.Right(column);
        foreach (var kind in Enumerable.Range(0,
            steps.Length).GroupBy(i => steps[i].Kind).OrderByDescending(kind => kind.Sum(i => ticks[i])))
        {
            double ms = kind.Sum(i => ticks[i]) * 1000.0 / Stopwatch.Frequency / runs,
                gigaflops = 2e-6 * batch * kind.Sum(i => steps[i].Macs) / ms;
            table.Add(CodeWords.Heading(kind.Key), $"{kind.Count()}", $"{ms:F2}", $"{100 * kind.Sum(i => ticks[i]) / total:F0} %",
                $"{gigaflops:F1}", $"{100 * gigaflops / peak:F0} %");
        }

        terminal.Write(table);
    }
}
