using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Running;

/// <summary>
/// Something that runs networks: an engine, a runtime, a server elsewhere. A host hands those that it has to whoever opens files for
/// it, so nothing is looked up at run time and programs compile ahead of time.
/// </summary>
public interface IBackend
{
    /// <summary>Its name as people write it and as <see cref="IModelRunner.Backend"/> says it, for example <c>engine</c>.</summary>
    string Name { get; }

    /// <summary>Makes a runner for a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights, no more and no fewer than it needs.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="InvalidInputException">
    /// The weights do not fit, or the backend cannot run the network; the message says why.
    /// </exception>
    IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options);
}
