using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Rounding;
using EfficientNetSharp.Training.Torch.Functions;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Runs a network on libtorch; the backend called <c>torch</c>.</summary>
/// <remarks>
/// Calls from several threads run side by side: they share the weights, which nothing writes, and each has the values in between, the
/// scope that frees them and libtorch's no-gradient mode for its own thread.
/// </remarks>
public sealed class TorchRunner : IModelRunner
{
    internal const string BackendName = "torch";

    private readonly GraphModule _module;

    /// <summary>Prepares a network; batch normalisations are folded.</summary>
    /// <remarks>
    /// A quantized network is computed with the numbers that its integers stand for, each value rounded as its plan says: near to integers'
    /// own arithmetic, which rounds sums otherwise here and there.
    /// </remarks>
    public TorchRunner(Graph graph, WeightSet weights)
    {
        var (folded, foldedWeights) = InferenceTransform.Apply(graph, weights);
        InputShape = folded.Input.Shape;
        OutputShapes = [.. folded.Outputs.Select(output => output.Shape)];
        _module = new GraphModule(folded, foldedWeights, new ModuleOptions
        {
            Rounding = folded.Quantization is { } plan ? new NetworkRounding(folded, plan) : null,
        });
    }

    /// <inheritdoc />
    public string Backend => BackendName;

    /// <inheritdoc />
    public TensorShape InputShape { get; }

    /// <inheritdoc />
    public TensorShape OutputShape => OutputShapes[0];

    /// <inheritdoc />
    public ImmutableArray<TensorShape> OutputShapes { get; }

    /// <inheritdoc />
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        CheckInput(input.Length, batch);
        CheckLength(output.Length, batch, OutputShape, nameof(output));
        using var inference = no_grad();
        using var scope = NewDisposeScope();
        Copy(_module.Forward(Images(input, batch)), output);
    }

    /// <inheritdoc />
    public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
    {
        CheckInput(input.Length, batch);
        if (outputs.Length != OutputShapes.Length)
            throw new ArgumentException($"The network has {OutputShapes.Length} outputs, found room for {outputs.Length}.",
                nameof(outputs));
        for (int i = 0; i < outputs.Length; i++) CheckLength(outputs[i].Length, batch, OutputShapes[i], nameof(outputs));
        using var inference = no_grad();
        using var scope = NewDisposeScope();
        var results = _module.ForwardAll(Images(input, batch));
        for (int i = 0; i < outputs.Length; i++) Copy(results[i], outputs[i].Span);
    }

    /// <inheritdoc />
    public void Dispose() => _module.Dispose();

    private void CheckInput(int length, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        CheckLength(length, batch, InputShape, "input");
    }

    private static void CheckLength(int length, int batch, TensorShape shape, string name)
    {
        if (length != batch * shape.Count)
            throw new ArgumentException($"{batch} × {shape} are {batch * shape.Count} values, found {length}.", name);
    }

    private Tensor Images(ReadOnlySpan<float> input, int batch)
    {
        var images = empty(batch, InputShape.Channels, InputShape.Height, InputShape.Width);
        input.CopyTo(TensorMemory.SpanOf(images));
        return images;
    }

    // Maps may have their channels innermost; rows go out as [N,C,H,W].
    private static void Copy(Tensor result, Span<float> output) => TensorMemory.SpanOf(result.contiguous()).CopyTo(output);
}
