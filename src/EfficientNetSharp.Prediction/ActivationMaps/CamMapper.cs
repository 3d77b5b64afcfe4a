using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>
/// Class activation maps (<see cref="ActivationMap.OfClass"/>): no gradient is needed, so any backend makes them. Safe for use from many
/// threads at once.
/// </summary>
public sealed class CamMapper : IActivationMapper
{
    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly IModelRunner _runner;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">A network with <see cref="ClassifierLayers.HasClassMaps"/>.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="backend">What runs it.</param>
    /// <param name="options">How; <see langword="null"/> for the usual.</param>
    /// <exception cref="ArgumentException">The network has no class activation maps.</exception>
    public CamMapper(Graph graph, WeightSet weights, IBackend backend, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (!ClassifierLayers.HasClassMaps(graph))
            throw new ArgumentException("A classifier straight after the pooling is expected, found a layer between.", nameof(graph));
        (_graph, _weights, Layer) = (graph, weights, ClassifierLayers.LastMap(graph));
        _runner = backend.Create(graph.WithOutputs(graph.Output, Layer), weights, options ?? new RunnerOptions());
    }

    /// <inheritdoc />
    public string Method => "cam";

    /// <inheritdoc />
    public string Title => "Class activation map";

    /// <inheritdoc />
    public Node Layer { get; }

    /// <inheritdoc />
    public MappedClass Of(ReadOnlySpan<float> image, int? classIndex = null)
    {
        var logits = new float[_graph.Output.Shape.Count];
        var activations = new float[Layer.Shape.Count];
        _runner.RunAll(image, 1, logits, activations);
        int index = classIndex ?? SoftmaxRow.Of(logits).Best;
        var classWeights = ClassifierLayers.ClassWeights(_graph, _weights, index);
        return new MappedClass(index, logits, ActivationMap.OfClass(activations, Layer.Shape, classWeights.Span));
    }

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _runner.Dispose();
}
