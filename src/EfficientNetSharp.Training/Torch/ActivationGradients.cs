using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Torch.Functions;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A map inside a network and how one of its outputs changes with it: what Grad-CAM and other explanations start from. The network is
/// as it runs, its batch normalisations folded.
/// </summary>
internal sealed class ActivationGradients : IDisposable
{
    private readonly GraphModule _module;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">The network; its (first) output is a row, for example logits.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="map">The node of the graph whose value is wanted.</param>
    /// <exception cref="ArgumentException">The node is not one of the graph's before its output, or the output is no row.</exception>
    public ActivationGradients(Graph graph, WeightSet weights, Node map)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(map);
        if (!graph.Output.Shape.IsVector) throw new ArgumentException(
            $"A network that yields a row is expected, found {graph.Output.Shape}.", nameof(graph));
        var (folded, foldedWeights) = InferenceTransform.Apply(graph.WithOutputs(graph.Output, map), weights);
        InputShape = folded.Input.Shape;
        OutputShape = folded.Outputs[0].Shape;
        MapShape = folded.Outputs[1].Shape;
        _module = new GraphModule(folded, foldedWeights);
    }

    /// <summary>The shape of one input image, [C,H,W].</summary>
    public TensorShape InputShape { get; }

    /// <summary>The shape of the row, [classes].</summary>
    public TensorShape OutputShape { get; }

    /// <summary>The shape of the map, [C,H,W].</summary>
    public TensorShape MapShape { get; }

    /// <summary>Runs an image forwards and backwards.</summary>
    /// <param name="image">A normalised image [C,H,W].</param>
    /// <param name="output">The place in the row whose gradient is wanted; that of its greatest value where <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The image's length does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The row has no such place.</exception>
    public ActivationGradient Of(ReadOnlySpan<float> image, int? output = null)
    {
        if (image.Length != InputShape.Count)
            throw new ArgumentException($"An image of {InputShape} has {InputShape.Count} values, found {image.Length}.", nameof(image));
        if (output < 0 || output >= OutputShape.Channels)
            throw new ArgumentOutOfRangeException(nameof(output), output, $"The row has {OutputShape.Channels} places.");
        using var scope = NewDisposeScope();
        var input = empty(1, InputShape.Channels, InputShape.Height, InputShape.Width);
        image.CopyTo(TensorMemory.SpanOf(input));
        var results = _module.ForwardAll(input);
        float[] row = Values(results[0]);
        int place = output ?? Array.IndexOf(row, row.Max());
        var gradient = autograd.grad([results[0][0, place]], [results[1]])[0];
        return new ActivationGradient(place, row, Values(results[1]), Values(gradient));
    }

    /// <inheritdoc />
    public void Dispose() => _module.Dispose();

    // Maps may have their channels innermost; they go out as [C,H,W].
    private static float[] Values(Tensor tensor) => [.. TensorMemory.SpanOf(tensor.detach().contiguous())];
}

/// <summary>What <see cref="ActivationGradients"/> finds for one image.</summary>
/// <param name="Output">The place in the row whose gradient it is.</param>
/// <param name="Row">The network's output, for a classifier the logits.</param>
/// <param name="Activations">The map, [C,H,W].</param>
/// <param name="Gradients">The derivative of the row's value at <paramref name="Output"/> by each value of the map, [C,H,W].</param>
internal sealed record ActivationGradient(int Output, float[] Row, float[] Activations, float[] Gradients);
