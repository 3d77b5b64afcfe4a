using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction.Measuring;

/// <summary>Measures networks on this machine: fresh weights, one image, the median of several runs.</summary>
/// <param name="backend">What runs them.</param>
/// <param name="options">How; <see langword="null"/> for the usual.</param>
/// <param name="progress">Told of each network before it is measured.</param>
/// <param name="cancellationToken">Ends a measurement.</param>
public sealed class MeasuredLatency(
    IBackend backend, RunnerOptions? options = null, IProgress<Graph>? progress = null, CancellationToken cancellationToken = default)
    : ILatencyModel
{
    private readonly RunnerOptions _options = options ?? new RunnerOptions();

    /// <inheritdoc />
    public string Name
    {
        get
        {
            string threads = _options.Threads switch { 0 => "all cores", 1 => "1 thread", var count => $"{count} threads" };
            return $"{backend.Name} on this machine, {threads}";
        }
    }

    /// <inheritdoc />
    public double EstimateMs(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        progress?.Report(graph);
        using var runner = backend.Create(graph, WeightInitializer.Initialize(graph, seed: 0), _options);
        return TurnTimer.Time([RunnerComparison.Turn(runner, batch: 1)], cancellationToken: cancellationToken)[0].MedianMs;
    }
}
