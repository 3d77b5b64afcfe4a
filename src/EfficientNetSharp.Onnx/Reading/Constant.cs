using System.Collections.Immutable;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>A tensor that a file holds or that follows from its shapes: floats, or whole numbers of any width.</summary>
/// <param name="Dims">Dimensions, row-major; empty for a scalar.</param>
/// <param name="Floats">The values of a tensor of floats.</param>
/// <param name="Integers">The values of a tensor of whole numbers or truth values.</param>
internal sealed record Constant(ImmutableArray<int> Dims, float[]? Floats, long[]? Integers)
{
    public static Constant Of(ImmutableArray<int> dims, float[] values) => new(dims, values, null);

    public static Constant Of(ImmutableArray<int> dims, long[] values) => new(dims, null, values);

    public int Count => Floats?.Length ?? Integers!.Length;

    /// <summary>One value as a number.</summary>
    public double this[int index] => Floats is { } floats ? floats[index] : Integers![index];

    public string DimsText => $"[{string.Join(", ", Dims)}]";

    /// <summary>The elements of the given positions, under new dimensions.</summary>
    public Constant Pick(ImmutableArray<int> dims, int[] positions) => Floats is { } floats
        ? Of(dims, Array.ConvertAll(positions, position => floats[position]))
        : Of(dims, Array.ConvertAll(positions, position => Integers![position]));

    public Constant WithDims(ImmutableArray<int> dims) => this with { Dims = dims };
}
