using System.Diagnostics;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Measures a network on this machine with ONNX Runtime: fresh weights, one picture, the median of several runs.</summary>
internal sealed class OnnxLatency(int threads, Terminal terminal) : ILatencyModel
{
    // The first runs fill caches and the memory arena. Then at least nine, for a median that one disturbance does not move, and more
    // of quick networks, whose single runs vary most.
    private const int WarmUpRuns = 3, LeastRuns = 9, MostRuns = 200;

    private const double LeastMilliseconds = 300;

    public string Name => $"ONNX Runtime on this machine, {(threads == 0 ? "all cores" : threads == 1 ? "1 thread" : $"{threads} threads")}";

    public double EstimateMs(Graph graph)
    {
        terminal.Progress($"measuring at {graph.Input.Shape.Width} pixels, {GraphCosts.Of(graph).Macs / 1e9:F2} GMACs …");
        using var runner = OnnxRuntimeRunner.Create(graph, WeightInitializer.Initialize(graph, seed: 0), new OnnxRuntimeOptions { Threads = threads });
        var input = new float[runner.InputShape.Count];
        var random = new SeededRandom(0);
        foreach (ref float value in input.AsSpan()) value = (float)random.NextGaussian();
        var output = new float[runner.OutputShape.Count];
        for (int i = 0; i < WarmUpRuns; i++) runner.Run(input, 1, output);

        var times = new List<double>();
        double total = 0;
        while (times.Count < LeastRuns || (total < LeastMilliseconds && times.Count < MostRuns))
        {
            terminal.Interrupted.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            runner.Run(input, 1, output);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            total += times[^1];
        }

        terminal.EndProgress();
        times.Sort();
        return times[times.Count / 2];
    }
}
