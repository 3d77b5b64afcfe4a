using System.Collections.Immutable;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>What a safetensors file's header says about one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Dimensions, row-major; empty for a single value.</param>
/// <param name="Offset">Its first byte, counted from the end of the header.</param>
/// <param name="ByteLength">Its bytes, least significant first.</param>
public sealed record SafetensorsTensor(string Name, ElementType Type, ImmutableArray<int> Shape, long Offset, long ByteLength)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => product * dimension);
}
