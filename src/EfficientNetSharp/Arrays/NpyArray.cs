using System.Collections.Immutable;

namespace EfficientNetSharp.Arrays;

/// <summary>An array out of a NumPy file as float32, row-major.</summary>
/// <param name="Shape">Dimensions; empty for a single value.</param>
/// <param name="Values">As many values as the product of the dimensions.</param>
public sealed record NpyArray(ImmutableArray<int> Shape, float[] Values);
