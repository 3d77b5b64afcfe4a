using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Training.Torch;

/// <summary>libtorch as a backend, called <c>torch</c>. It is loaded when it makes its first runner, not before.</summary>
/// <remarks>libtorch has one number of threads for the process: that of the runner made last.</remarks>
public sealed class TorchBackend : IBackend
{
    /// <inheritdoc />
    public string Name => TorchRunner.BackendName;

    /// <inheritdoc />
    public IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        graph.EnsureFloat("libtorch");
        options.CheckWithoutSimd(Name);
        TorchRuntime.Prepare();
        TorchRuntime.Threads = options.Threads > 0 ? options.Threads : TorchRuntime.DefaultThreads;
        return Start(graph, weights);
    }

    // Of its own, so that libtorch's types are not even looked at before it is prepared.
    private static TorchRunner Start(Graph graph, WeightSet weights) => new(graph, weights);
}
