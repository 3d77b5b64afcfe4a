using System.Collections.Immutable;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>
/// A layer of an ONNX graph with the initializers it takes. Exporters that fold normalisations rename initializers to
/// <c>onnx::Conv_123</c> and the like; the order of the layers is then what tells which is which.
/// </summary>
/// <param name="Operator">
/// <c>Conv</c>, <c>Gemm</c>, <c>MatMul</c> (an <c>Add</c> of an initializer that follows it is its bias),
/// <c>BatchNormalization</c> or <c>PRelu</c>.
/// </param>
/// <param name="Name">The node's name; may be empty.</param>
/// <param name="Weights">Names of the initializers among the node's inputs, in the order of the inputs.</param>
public sealed record OnnxLayer(string Operator, string Name, ImmutableArray<string> Weights)
{
    /// <summary>A convolution's number of groups; ONNX's default is 1.</summary>
    public long Groups { get; init; } = 1;

    /// <summary>A batch normalisation's epsilon; ONNX's default is 1e-5.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Whether a Gemm's second factor lies transposed, [out, in]; ONNX's default is not.</summary>
    public bool TransposeB { get; init; }
}
