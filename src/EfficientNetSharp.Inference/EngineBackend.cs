using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Inference;

/// <summary>The project's own engine as a backend, called <c>engine</c>.</summary>
public sealed class EngineBackend : IBackend
{
    /// <inheritdoc />
    public string Name => EngineRunner.BackendName;

    /// <inheritdoc />
    public IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options)
    {
        return EngineRunner.Create(graph, weights, PlanOptionsOf(options));
    }

    /// <summary>The engine's options for what every backend is asked for.</summary>
    /// <param name="options">How the network is to run.</param>
    /// <exception cref="InvalidInputException">An option is out of its range.</exception>
    public static PlanOptions PlanOptionsOf(RunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var level = options.SimdBits is { } bits ? SimdLevels.Of(bits, nameof(RunnerOptions.SimdBits)) : (SimdLevel?)null;
        return new PlanOptions { Threads = options.Threads, Level = level };
    }
}
