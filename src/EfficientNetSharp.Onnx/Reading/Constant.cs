using System.Collections.Immutable;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>A tensor that a file holds or that follows from its shapes: floats, or whole numbers of any width.</summary>
/// <param name="Dims">Dimensions, row-major; empty for a scalar.</param>
/// <param name="Floats">The values of a tensor of floats.</param>
/// <param name="Integers">The values of a tensor of whole numbers or truth values.</param>
internal sealed record Constant(ImmutableArray<int> Dims, float[]? Floats, long[]? Integers)
{
    /// <summary>The type that a tensor of whole numbers has in the file, where it holds one.</summary>
    public ElementType? Type { get; init; }

    /// <summary>The integers that floats come from, and what they stand for, where a DequantizeLinear made them.</summary>
    public ConstantIntegers? Origin { get; init; }

    public static Constant Of(ImmutableArray<int> dims, float[] values) => new(dims, values, null);

    public static Constant Of(ImmutableArray<int> dims, long[] values) => new(dims, null, values);

    public int Count => Floats?.Length ?? Integers!.Length;

    /// <summary>One value as a number.</summary>
    public double this[int index] => Floats is { } floats ? floats[index] : Integers![index];

    public string DimsText => $"[{string.Join(", ", Dims)}]";

    /// <summary>The elements of the given positions, under new dimensions.</summary>
    /// <param name="dims">The dimensions.</param>
    /// <param name="positions">Where each element is now.</param>
    /// <param name="axisOf">Where an axis is then; not given where axes are not the same any more.</param>
    public Constant Pick(ImmutableArray<int> dims, int[] positions, Func<int, int>? axisOf = null) => Floats is { } floats
        ? Of(dims, Array.ConvertAll(positions, position => floats[position])) with { Origin = Origin?.Pick(positions, axisOf) }
        : Of(dims, Array.ConvertAll(positions, position => Integers![position])) with { Type = Type };

    /// <summary>The same values in the same order. An axis with scales of its own stays one where all before it stay.</summary>
    public Constant WithDims(ImmutableArray<int> dims) => this with
    {
        Dims = dims,
        Origin = Origin is { IsPerChannel: true } origin && !dims.Take(origin.Axis + 1).SequenceEqual(Dims.Take(origin.Axis + 1))
            ? null : Origin,
    };
}

/// <summary>Integers and what they stand for: number = scale · (integer − zero point).</summary>
/// <param name="Values">The integers, row-major.</param>
/// <param name="Type">Their type.</param>
/// <param name="Scales">One, or one for each slice along the axis.</param>
/// <param name="ZeroPoints">As many.</param>
/// <param name="Axis">The axis that several scales belong to.</param>
internal sealed record ConstantIntegers(
    long[] Values, ElementType Type, ImmutableArray<float> Scales, ImmutableArray<long> ZeroPoints, int Axis)
{
    public bool IsPerChannel => Scales.Length > 1;

    public ConstantIntegers? Pick(int[] positions, Func<int, int>? axisOf)
    {
        if (IsPerChannel && axisOf is null) return null;
        return this with
        {
            Values = Array.ConvertAll(positions, position => Values[position]), Axis = IsPerChannel ? axisOf!(Axis) : 0,
        };
    }
}
