using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Runs a network on libtorch; the backend called <c>torch</c>.</summary>
public sealed class TorchRunner : IModelRunner
{
    private readonly GraphModule _module;

    /// <summary>Prepares a network; batch normalisations are folded.</summary>
    public TorchRunner(Graph graph, WeightSet weights)
    {
        var (folded, foldedWeights) = InferenceTransform.Apply(graph, weights);
        InputShape = folded.Input.Shape;
        OutputShape = folded.Output.Shape;
        _module = new GraphModule(folded, foldedWeights);
    }

    /// <inheritdoc />
    public string Backend => "torch";

    /// <inheritdoc />
    public TensorShape InputShape { get; }

    /// <inheritdoc />
    public TensorShape OutputShape { get; }

    /// <inheritdoc />
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (input.Length != batch * InputShape.Count)
            throw new ArgumentException($"{batch} pictures of {InputShape} have {batch * InputShape.Count} values, found {input.Length}.", nameof(input));
        if (output.Length != batch * OutputShape.Count)
            throw new ArgumentException($"{batch} rows of {OutputShape} have {batch * OutputShape.Count} values, found {output.Length}.", nameof(output));
        using var inference = no_grad();
        using var scope = NewDisposeScope();
        var pictures = empty(batch, InputShape.Channels, InputShape.Height, InputShape.Width);
        input.CopyTo(FlatParameters.SpanOf(pictures));
        var result = _module.Forward(pictures).contiguous();
        FlatParameters.SpanOf(result).CopyTo(output);
    }

    /// <inheritdoc />
    public void Dispose() => _module.Dispose();
}
