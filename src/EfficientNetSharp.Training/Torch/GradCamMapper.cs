using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.ActivationMaps;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Grad-CAMs (<see cref="ActivationMap.OfGradients"/>): of any map of any classifier, with libtorch's gradients.</summary>
public sealed class GradCamMapper : IActivationMapper
{
    private readonly ActivationGradients _gradients;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">A network that yields a row of classes.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="stride">Stride of the map that is looked at; the last map before the classifier where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network has no map at that stride, or libtorch does not load.</exception>
    public GradCamMapper(Graph graph, WeightSet weights, int? stride = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Layer = stride is null ? ClassifierLayers.LastMap(graph) : graph[graph.Features([stride.Value]).Output.Name];
        TorchRuntime.Prepare();
        _gradients = new ActivationGradients(graph, weights, Layer);
    }

    /// <inheritdoc />
    public string Method => "grad-cam";

    /// <inheritdoc />
    public string Title => "Grad-CAM";

    /// <inheritdoc />
    public Node Layer { get; }

    /// <inheritdoc />
    public MappedClass Of(ReadOnlySpan<float> image, int? classIndex = null)
    {
        var found = _gradients.Of(image, classIndex);
        return new MappedClass(found.Output, found.Row, ActivationMap.OfGradients(found.Activations, found.Gradients, Layer.Shape));
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _gradients.Dispose();
}
