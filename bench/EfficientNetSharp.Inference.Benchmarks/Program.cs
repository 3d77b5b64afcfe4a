using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using EfficientNetSharp;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Inference.Benchmarks;
using EfficientNetSharp.Inference.Measuring;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;

// Usage: [network[@resolution]] … [--threads n] [--batch n] [--per-pass n] [--rounds n] [--simd 256] [--profile] [--steps]
var arguments = BenchmarkArguments.Parse(args);
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine(
    $".NET {Environment.Version}, {Environment.ProcessorCount} cores, {arguments.Level}, "
    + $"threads {arguments.Threads}, batch {arguments.Batch}");
foreach (var (name, resolution) in arguments.Networks) Compare(name, resolution);

void Compare(string name, int? resolution)
{
    var graph = ArchitectureRegistry.Get(name).Build(new BuildOptions { Height = resolution, Width = resolution });
    var weights = WeightInitializer.Initialize(graph, seed: 1);
    var options = new PlanOptions { Threads = arguments.Threads, Level = arguments.Level, ImagesPerPass = arguments.PerPass };
    using var engine = EngineRunner.Create(graph, weights, options);
    using var single = EngineRunner.Create(graph, weights, options with { Threads = 1 });
    using var onnx = OnnxRuntimeRunner.Create(graph, weights, new OnnxRuntimeOptions { Threads = arguments.Threads });
    var input = new float[arguments.Batch * graph.Input.Shape.Count];
    var output = new float[arguments.Batch * graph.Output.Shape.Count];
    for (int i = 0; i < input.Length; i++) input[i] = MathF.Sin(0.1f * i);

    // The rivals take turns within each round, so that what else the machine does meets them all.
    var runners = new IModelRunner[] { onnx, engine, single };
    var times = runners.Select(_ => new List<double>()).ToArray();
    double peak = 0;
    for (int round = -5; round < arguments.Rounds; round++)
    {
        peak = Math.Max(peak, FmaPeak.MeasureGigaflops(arguments.Level));
        for (int r = 0; r < runners.Length; r++)
        {
            // Threads of the one before stay awake for a while; they are not to take the next one's cores. Its first run of the two
            // then wakes its own.
            if (arguments.Threads > 1) Thread.Sleep(5);
            runners[r].Run(input, arguments.Batch, output);
            long start = Stopwatch.GetTimestamp();
            runners[r].Run(input, arguments.Batch, output);
            if (round >= 0) times[r].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    double[] medians = [.. times.Select(Median)];
    double gigaflops = 2e-6 * arguments.Batch * GraphCosts.Of(graph).Macs / medians[1], share = gigaflops / peak / arguments.Threads;
    double[] minima = [.. times.Select(ms => ms.Min())];
    Console.WriteLine(
        $"{name}@{graph.Input.Shape.Height}: onnxruntime {medians[0]:0.00} ms (min {minima[0]:0.00}), "
        + $"engine {medians[1]:0.00} ms (min {minima[1]:0.00}), "
        + $"ratio {medians[0] / medians[1]:0.00} (of minima {minima[0] / minima[1]:0.00}), "
        + $"{gigaflops:0} GFLOP/s = {share:P0} of {arguments.Threads} × {peak:0}; "
        + $"one thread {medians[2]:0.00} ms = {medians[2] / medians[1]:0.00}×; "
        + $"memory {engine.Plan.PeakBytes / 1048576.0:0.0} MiB + {engine.Plan.WeightBytes / 1048576.0:0.0} MiB weights");
    if (arguments.Profile) PrintProfile(engine, input, output, peak * arguments.Threads);
}

void PrintProfile(EngineRunner engine, float[] input, float[] output, double peak)
{
    var steps = engine.Plan.Profile;
    var rounds = new long[arguments.Rounds][];
    for (int round = 0; round < rounds.Length; round++)
        engine.RunProfiled(input, arguments.Batch, output, rounds[round] = new long[steps.Length]);
    double[] ms = new double[steps.Length];
    for (int i = 0; i < ms.Length; i++) ms[i] = Median([.. rounds.Select(ticks => ticks[i] * 1000.0 / Stopwatch.Frequency)]);
    foreach (var kind in Enumerable.Range(0, steps.Length).GroupBy(i => steps[i].Kind).OrderByDescending(kind => kind.Sum(i => ms[i])))
    {
        double time = kind.Sum(i => ms[i]), gigaflops = 2e-6 * arguments.Batch * kind.Sum(i => steps[i].Macs) / time;
        Console.WriteLine(
            $"  {kind.Key,-12} {kind.Count(),4} steps {time,8:0.000} ms {time / ms.Sum(),6:P0} "
            + $"{gigaflops,8:0.0} GFLOP/s {gigaflops / peak,6:P0} of peak");
    }

    if (!arguments.Steps) return;
    for (int i = 0; i < steps.Length; i++)
    {
        double gigaflops = 2e-6 * arguments.Batch * steps[i].Macs / ms[i];
        Console.WriteLine($"    {steps[i].Name,-44} {steps[i].Kind,-12} {1000 * ms[i],8:0.0} µs {gigaflops,8:0.0} GFLOP/s");
    }
}

static double Median(List<double> values)
{
    values.Sort();
    return values[values.Count / 2];
}
