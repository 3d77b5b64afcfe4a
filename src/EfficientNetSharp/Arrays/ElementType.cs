namespace EfficientNetSharp.Arrays;

/// <summary>
/// Types of array elements in files, in the order of the safetensors reference implementation: by alignment, so that sorting by
/// it, largest first, leaves each tensor aligned.
/// </summary>
public enum ElementType
{
    /// <summary>A truth value in a byte.</summary>
    Bool,

    /// <summary>OCP microscaling 4-bit float.</summary>
    F4,

    /// <summary>OCP microscaling 6-bit float, 2 exponent bits.</summary>
    F6E2M3,

    /// <summary>OCP microscaling 6-bit float, 3 exponent bits.</summary>
    F6E3M2,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>8-bit float, 5 exponent bits.</summary>
    F8E5M2,

    /// <summary>8-bit float, 4 exponent bits.</summary>
    F8E4M3,

    /// <summary>OCP microscaling 8-bit scale.</summary>
    F8E8M0,

    /// <summary>8-bit float, 4 exponent bits, no infinity and no negative zero.</summary>
    F8E4M3Fnuz,

    /// <summary>8-bit float, 5 exponent bits, no infinity and no negative zero.</summary>
    F8E5M2Fnuz,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a float32.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>Complex number of two float32.</summary>
    C64,

    /// <summary>IEEE 754 double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}

/// <summary>Facts about <see cref="ElementType"/>s.</summary>
public static class ElementTypes
{
    /// <summary>Size of an element in bits; only the 4- and 6-bit floats are not whole bytes.</summary>
    public static int BitCount(this ElementType type) => type switch
    {
        ElementType.F4 => 4,
        ElementType.F6E2M3 or ElementType.F6E3M2 => 6,
        <= ElementType.F8E5M2Fnuz => 8,
        <= ElementType.BF16 => 16,
        <= ElementType.F32 => 32,
        <= ElementType.U64 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such element type."),
    };
}
