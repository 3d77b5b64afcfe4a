namespace EfficientNetSharp.Studies.Replacement;

/// <summary>The numbers that a trained network is judged in.</summary>
public enum StudyPrecision
{
    /// <summary>As it was trained.</summary>
    Floats,

    /// <summary>The device's 8 bits in all layers: RKNN's <c>asymmetric_affine-u8</c>.</summary>
    EightBits,

    /// <summary>The device's 16 bits in all layers: RKNN's <c>dynamic_fixed_point-i16</c>.</summary>
    SixteenBits,

    /// <summary>8 bits, and 16 in the layers that need them.</summary>
    Mixed,
}

/// <summary>The precisions' names.</summary>
public static class StudyPrecisions
{
    /// <summary>What tables and command lines call a precision: <c>float</c>, <c>int8</c>, <c>int16</c>, <c>mixed</c>.</summary>
    public static string WordOf(StudyPrecision precision) => precision switch
    {
        StudyPrecision.Floats => "float",
        StudyPrecision.EightBits => "int8",
        StudyPrecision.SixteenBits => "int16",
        _ => "mixed",
    };
}
