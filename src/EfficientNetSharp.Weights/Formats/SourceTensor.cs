using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>A tensor in a foreign file: what it is called there, its shape there, and its values once asked for.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Shape">Dimensions as they lie in the file, row-major; empty for a single value.</param>
/// <param name="Read">Reads the values; call it while the file is open.</param>
public sealed record SourceTensor(string Name, ImmutableArray<int> Shape, Func<float[]> Read)
{
    /// <summary>Reads the tensor as it lies in the file.</summary>
    public WeightTensor ReadTensor() => new(Shape, Read());
}
