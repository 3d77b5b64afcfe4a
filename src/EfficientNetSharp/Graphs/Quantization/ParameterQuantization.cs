using System.Collections.Immutable;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Graphs.Quantization;

/// <summary>
/// How the integers of a kernel stand for weights: weight = scale · (integer − zero point), with one scale for the tensor or one per
/// output channel.
/// </summary>
/// <remarks>
/// A bias has none of its own: it is added to the sums of products, so its step is the input's scale times the kernel's, and its zero
/// is 0. It is int32, and int64 beside int16 inputs.
/// </remarks>
/// <param name="Type">
/// <see cref="ElementType.U8"/>, <see cref="ElementType.I8"/> or <see cref="ElementType.I16"/>.
/// </param>
/// <param name="Scales">One, or one per output channel; positive and finite.</param>
/// <param name="ZeroPoint">The integer that stands for 0; 0 where there are several scales.</param>
public sealed record ParameterQuantization(ElementType Type, ImmutableArray<float> Scales, int ZeroPoint = 0)
{
    /// <summary>Whether each output channel has a scale of its own.</summary>
    public bool IsPerChannel => Scales.Length > 1;

    /// <summary>
    /// The lowest and the highest integer that weights are rounded to: a signed type's lowest is left out, so that a weight and its negative
    /// are both held.
    /// </summary>
    public (int Min, int Max) Bounds => Type switch
    {
        ElementType.U8 => (byte.MinValue, byte.MaxValue),
        ElementType.I8 => (-sbyte.MaxValue, sbyte.MaxValue),
        _ => (-short.MaxValue, short.MaxValue),
    };

    /// <summary>The scale of an output channel.</summary>
    public float ScaleOf(int channel) => Scales[IsPerChannel ? channel : 0];

    /// <inheritdoc />
    public bool Equals(ParameterQuantization? other) =>
        other is not null && Type == other.Type && ZeroPoint == other.ZeroPoint && Scales.SequenceEqual(other.Scales);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Type, ZeroPoint, Scales.Length, Scales.FirstOrDefault());
}
