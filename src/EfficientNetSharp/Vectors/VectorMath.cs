using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Vectors;

/// <summary>
/// The functions of a network on vectors. NaN stays NaN. Sigmoid and SiLU are within 1e-6 of the exact value, relatively, for
/// |x| ≤ 80; below −80 they keep the value at −80, which is nearer than 1.5e-33 to the exact one.
/// </summary>
internal static class VectorMath<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // e⁸⁰ is far from float32's largest value and e⁻⁸⁰ from its smallest, so that all steps work on ordinary numbers.
    private const float Bound = 80;

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x) => TSimd.Divide(TSimd.Broadcast(1), Divisor(TSimd.MaxNative(x, TSimd.Broadcast(-Bound))));

    /// <summary>x · sigmoid(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Silu(TVector x)
    {
        x = TSimd.MaxNative(x, TSimd.Broadcast(-Bound));
        return TSimd.Divide(x, Divisor(x));
    }

    /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HardSigmoid(TVector x) =>
        TSimd.Multiply(Clip6(TSimd.Add(x, TSimd.Broadcast(3))), TSimd.Broadcast(1f / 6));

    /// <summary>x · min(max(x + 3, 0), 6) / 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HardSwish(TVector x) => TSimd.Multiply(x, HardSigmoid(x));

    /// <summary>max(x, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Relu(TVector x) => TSimd.MaxNative(x, TSimd.Broadcast(0));

    /// <summary>min(max(x, 0), 6).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Clip6(TVector x) => TSimd.MinNative(Relu(x), TSimd.Broadcast(6));

    /// <summary>x where it is not negative, elsewhere slope · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PRelu(TVector x, TVector slope) => TSimd.SelectNonNegative(x, x, TSimd.Multiply(x, slope));

    // Above 80 the exponential is lost against 1 in any case.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Divisor(TVector x) => TSimd.OnePlusExpOfNegative(TSimd.MinNative(x, TSimd.Broadcast(Bound)));
}
