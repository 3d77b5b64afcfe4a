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
    public static TVector Sigmoid(TVector x) => TSimd.Divide(TSimd.Broadcast(1), SigmoidDivisor(TSimd.AtLeast(x, TSimd.Broadcast(-Bound))));

    /// <summary>x · sigmoid(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Silu(TVector x)
    {
        x = TSimd.AtLeast(x, TSimd.Broadcast(-Bound));
        return TSimd.Divide(x, SigmoidDivisor(x));
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
    public static TVector Relu(TVector x) => TSimd.AtLeast(x, TSimd.Broadcast(0));

    /// <summary>min(max(x, 0), 6).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Clip6(TVector x) => TSimd.AtMost(Relu(x), TSimd.Broadcast(6));

    /// <summary>x where it is not negative, elsewhere slope · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PRelu(TVector x, TVector slope) => TSimd.SelectNonNegative(x, x, TSimd.Multiply(x, slope));

    /// <summary>1 + e⁻ˣ for x ≥ −80, with e⁻ˣ = 2ⁿ · e⁻ʳ and |r| ≤ ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SigmoidDivisor(TVector x)
    {
        // Above 80 the exponential is lost against 1 in any case. The factors are −log₂ e and ln 2.
        x = TSimd.AtMost(x, TSimd.Broadcast(Bound));
        var n = TSimd.Round(TSimd.Multiply(x, TSimd.Broadcast(-1.44269504f)));
        var r = TSimd.MultiplyAdd(n, TSimd.Broadcast(0.693147182f), x);

        // The polynomial 1 − r + … of degree 5 whose largest relative error against e⁻ʳ on |r| ≤ ln 2 / 2 is least (1.1e-7), by
        // weighted least squares iterated until the error's peaks are level.
        var p = TSimd.MultiplyAdd(r, TSimd.Broadcast(-0.008312502f), TSimd.Broadcast(0.041890331f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(-0.166671157f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.499992311f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(-1));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1));
        return TSimd.Add(TSimd.Scale(p, n), TSimd.Broadcast(1));
    }
}
