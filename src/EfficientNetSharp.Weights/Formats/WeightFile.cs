using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>A kind of file that weights come in.</summary>
public enum WeightFormat
{
    /// <summary>PyTorch's <c>.pth</c> or <c>.pt</c>, zip or legacy.</summary>
    Torch,

    /// <summary><c>.safetensors</c>.</summary>
    Safetensors,

    /// <summary>NumPy's <c>.npz</c>.</summary>
    NumPy,

    /// <summary>Keras's <c>.h5</c>.</summary>
    Keras,

    /// <summary>A TensorFlow checkpoint of version 2, <c>.index</c> and <c>.data-…</c>.</summary>
    TensorFlow,

    /// <summary>The initializers of an <c>.onnx</c> file.</summary>
    Onnx,
}

/// <summary>A tensor in a foreign file: what it is called there, its shape there, and its values once asked for.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Shape">Dimensions as they lie in the file, row-major; empty for a single value.</param>
/// <param name="Read">Reads the values; call it while the file is open.</param>
public sealed record SourceTensor(string Name, ImmutableArray<int> Shape, Func<float[]> Read)
{
    /// <summary>Reads the tensor as it lies in the file.</summary>
    public WeightTensor ReadTensor() => new(Shape, Read());
}
