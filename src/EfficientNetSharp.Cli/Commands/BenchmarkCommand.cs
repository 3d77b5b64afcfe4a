using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Benchmarking;
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
    private const string All = "all", Processes = "--processes";

    private const int MaxProcesses = 1000;

    // Of about a millisecond each.
    private const int PeakMeasurements = 50;

    public static Command Create(Terminal terminal)
    {
        var what = new InputArgument<string>("NAME|MODEL")
        {
            Description = SharedOptions.ArchitectureDescription + ", or a model file.",
        }.WithNetworks();
        var size = SharedOptions.Size();
        var runner = new RunnerChoice();
        var batch = SharedOptions.BatchSize(1);
        batch.Aliases.Add("--batch");
        var backend = new Option<string>("--backend") { Description = "Which to measure.", DefaultValueFactory = _ => All };
        backend.Among([All, .. Host.BackendNames]);
        var rounds = SharedOptions.Ranged(
            new Option<int?>("--rounds") { Description = "Runs of each; as many as a stable median needs if not given." }, 1, 100_000);
        var processes = SharedOptions.Ranged(
            new Option<int>(Processes)
            {
                Description = "Processes to measure in, one after the other, as some differences last as long as a process.",
                DefaultValueFactory = _ => 1,
            }, 1, MaxProcesses);
        var json = SharedOptions.Json();
        var command = new Command("benchmark", "Measure how fast a network runs here, backends side by side.")
        {
            what, size, batch, backend, rounds, processes, json,
        };
        runner.AddTo(command);
        command.SetAction(parsed =>
        {
            var request = new Request(
                parsed.GetRequiredValue(what), parsed.GetValue(size), runner.Get(parsed), parsed.GetValue(batch),
                parsed.GetRequiredValue(backend), parsed.GetValue(rounds));
            return Run(terminal, request, parsed.GetValue(processes), parsed.GetValue(json));
        });
        return command;
    }

    private sealed record Request(string What, InputSize? Size, RunnerOptions Runner, int Batch, string Backend, int? Rounds)
    {
        /// <summary>The words that ask for the same in a process of its own.</summary>
        public IEnumerable<string> Words =>
        [
            "benchmark", "--json", "--threads", NumberText.Of(Runner.Threads), "--batch", NumberText.Of(Batch), "--backend", Backend,
            .. Size is { } size ? new[] { "--resolution", $"{size}" } : [],
            .. Runner.SimdBits is { } bits ? new[] { "--simd", NumberText.Of(bits) } : [],
            .. Rounds is { } rounds ? new[] { "--rounds", NumberText.Of(rounds) } : [],
            "--", What,
        ];
    }

    private static int Run(Terminal terminal, Request request, int processes, bool json)
    {
        // What is wrong with the words shows here, before there are processes.
        var (name, graph, given) = GivenNetwork.Open(request.What, request.Size);
        var weights = given ?? WeightInitializer.Initialize(graph, seed: 0);
        int threads = request.Runner.Threads == 0 ? Environment.ProcessorCount : request.Runner.Threads;
        var level = RunnerChoice.LevelOf(request.Runner);
        double peak = Enumerable.Range(0, PeakMeasurements).Max(_ => FmaPeak.MeasureGigaflops(level));
        var subject = new BenchmarkSubject(name, graph.Input.Shape, GraphCosts.Of(graph).Macs, request.Batch, threads, level, peak);
        if (processes > 1)
        {
            Write(terminal, subject, InProcesses(terminal, request, name, processes), json);
            return EffnetCommand.Done;
        }

        var runners = new List<IModelRunner>();
        try
        {
            Write(terminal, subject, Measure(terminal, request, name, runners, graph, weights), json);
            if (!json && runners.OfType<EngineRunner>().FirstOrDefault() is { } engine)
                BenchmarkView.WriteProfile(terminal, subject, engine);
            return EffnetCommand.Done;
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }
    }

    private static void Write(Terminal terminal, BenchmarkSubject subject, IReadOnlyList<BenchmarkResult> results, bool json)
    {
        if (json) Json.Write(terminal, new JsonArray([.. results.Select(result => result.ToJson(subject))]));
        else BenchmarkView.Write(terminal, subject, results);
    }

    private static List<BenchmarkResult> InProcesses(Terminal terminal, Request request, string name, int processes)
    {
        var all = new List<BenchmarkResult>();
        for (int i = 0; i < processes; i++)
        {
            terminal.Progress($"measuring {name}, process {i + 1} of {processes} …");
            var rows = JsonNode.Parse(ToolProcess.Run(request.Words, terminal.Interrupted))!.AsArray();
            all.AddRange(rows.Select(row => BenchmarkResult.Read(row!)));
        }

        terminal.EndProgress();
        return [.. all.GroupBy(result => result.Backend).Select(backend => BenchmarkResult.Together([.. backend]))];
    }

    private static List<BenchmarkResult> Measure(
        Terminal terminal, Request request, string name, List<IModelRunner> runners, Graph graph, WeightSet weights)
    {
        // Integers are computed by the engine alone.
        string[] all = graph.Quantization is null ? Host.BackendNames : [Host.Engine.Name];
        string[] backends = request.Backend == All ? all : [request.Backend];
        var memory = new List<long?>();
        var firstMs = new List<double>();
        var turns = new List<Action>();
        foreach (string backend in backends)
        {
            // A first call belongs to the memory that a backend takes.
            memory.Add(ResidentMemory.PeakGrowth(() =>
            {
                var runner = Host.Opener.Backend(backend).Create(graph, weights, OptionsOf(backend));
                runners.Add(runner);
                turns.Add(RunnerComparison.Turn(runner, request.Batch));
                long start = Stopwatch.GetTimestamp();
                turns[^1]();
                firstMs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }));
        }

        terminal.Progress($"measuring {name} …");
        var options = new TurnOptions { Rounds = request.Rounds, HaveThreads = request.Runner.Threads != 1 };
        var times = TurnTimer.Time(turns, options, terminal.Interrupted);
        terminal.EndProgress();
        return [.. backends.Select((backend, i) => BenchmarkResult.Of(backend, firstMs[i], times[i], memory[i]))];

        // Of several backends, the vectors are for the one that lets them be chosen.
        RunnerOptions OptionsOf(string backend) =>
            request.Backend == All && backend != Host.Engine.Name ? request.Runner with { SimdBits = null } : request.Runner;
    }
}
