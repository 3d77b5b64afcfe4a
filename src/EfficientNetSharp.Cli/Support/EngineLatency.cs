using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Measures a network on this machine with the engine: fresh weights, one image, the median of several runs.</summary>
internal sealed class EngineLatency(int threads, Terminal terminal) : ILatencyModel
{
    public string Name => $"the engine on this machine, {(threads == 0 ? "all cores" : threads == 1 ? "1 thread" : $"{threads} threads")}";

    public double EstimateMs(Graph graph)
    {
        terminal.Progress($"measuring at {graph.Input.Shape.Width} pixels, {GraphCosts.Of(graph).Macs / 1e9:F2} GMACs …");
        using var runner = OpenModel.CreateRunner(OpenModel.Engine, graph, WeightInitializer.Initialize(graph, seed: 0), threads);
        var (input, output) = (RandomImages.Create(runner, batch: 1), new float[runner.OutputShape.Count]);
        double[] times = Stopwatches.Time([() => runner.Run(input, 1, output)], null, terminal.Interrupted)[0];
        terminal.EndProgress();
        return Stopwatches.Median(times);
    }
}
