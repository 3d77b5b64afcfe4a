using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Graphs.Quantization;

/// <summary>How the integers of a node's value stand for numbers: number = <see cref="Scale"/> · (integer − <see cref="ZeroPoint"/>).</summary>
/// <param name="Type">
/// <see cref="ElementType.U8"/>, <see cref="ElementType.I8"/>, <see cref="ElementType.U16"/> or <see cref="ElementType.I16"/>.
/// </param>
/// <param name="Scale">What a step of the integer is worth; positive and finite.</param>
/// <param name="ZeroPoint">The integer that stands for 0; one that the type holds, so that zeros of padding are exact.</param>
public sealed record ValueQuantization(ElementType Type, float Scale, int ZeroPoint = 0)
{
    /// <summary>
    /// For a SiLU or HardSwish whose target stores the (hard) sigmoid before it multiplies: how. <see langword="null"/> where the function is one step, as
    /// in a table, which loses less.
    /// </summary>
    public ValueQuantization? Sigmoid { get; init; }

    /// <summary>Whether the scale is a power of two and zero is 0: dynamic fixed point.</summary>
    public bool IsFixedPoint => ZeroPoint == 0 && float.IsPow2(Scale);

    /// <summary>The lowest number that it holds.</summary>
    /// <param name="arithmetic">The target's rules.</param>
    public float Min(IntegerArithmetic arithmetic) => Scale * (Bounds(arithmetic).Min - ZeroPoint);

    /// <summary>The highest number that it holds.</summary>
    /// <param name="arithmetic">The target's rules.</param>
    public float Max(IntegerArithmetic arithmetic) => Scale * (Bounds(arithmetic).Max - ZeroPoint);

    /// <summary>
    /// The lowest and the highest integer. All that the type holds, but for RKNN's dynamic fixed point, which leaves the lowest out
    /// (−127 and −32767).
    /// </summary>
    /// <param name="arithmetic">The target's rules.</param>
    public (int Min, int Max) Bounds(IntegerArithmetic arithmetic) => (Type, arithmetic) switch
    {
        (ElementType.U8, _) => (byte.MinValue, byte.MaxValue),
        (ElementType.U16, _) => (ushort.MinValue, ushort.MaxValue),
        (ElementType.I8, IntegerArithmetic.Rknn) => (-sbyte.MaxValue, sbyte.MaxValue),
        (ElementType.I8, _) => (sbyte.MinValue, sbyte.MaxValue),
        (ElementType.I16, IntegerArithmetic.Rknn) => (-short.MaxValue, short.MaxValue),
        _ => (short.MinValue, short.MaxValue),
    };

    /// <inheritdoc />
    public override string ToString() => $"{TypeName(Type)}, scale {NumberText.Of(Scale)}, zero {ZeroPoint}";

    /// <summary>A type's name, as <c>int8</c>.</summary>
    /// <param name="type">The type.</param>
    public static string TypeName(ElementType type) => type switch
    {
        ElementType.U8 => "uint8",
        ElementType.I8 => "int8",
        ElementType.U16 => "uint16",
        ElementType.I16 => "int16",
        ElementType.I32 => "int32",
        ElementType.I64 => "int64",
        _ => type.ToString(),
    };
}
