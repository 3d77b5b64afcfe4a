using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Vectors;

/// <summary>
/// 1 + e⁻ˣ for |x| ≤ 80, which sigmoid and SiLU divide by, for each kind of vectors. The relative error is below 3e-7.
/// </summary>
/// <remarks>
/// With N steps from power to power, e⁻ˣ = 2^(k/N) · e⁻ʳ where k is the integer nearest to −x·N/ln 2 and |r| ≤ ln 2 / 2N. Where a
/// register can be looked up in, it holds 2^(j/N) for all j = k mod N, so that r is small and its polynomial short: the multipliers,
/// which the convolutions around need too, have less to do.
/// </remarks>
internal static class SigmoidDivisor
{
    // Adding 1.5 · 2²³ leaves the nearest integer in the lowest bits of the sum.
    private const float RoundingBias = 12582912;

    private const float Log2E = 1.44269504f, Ln2 = 0.693147182f;

    // Properties, so that the compiler sees constants whenever it compiles a kernel.
    // The float32 bits of 2^(j/32) less j steps of the 32nd part of a power, which adding k steps brings back: k = 32n + j.
    private static Vector512<int> Powers32Lower
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
        0x3F800000u, 0x3F7ECD87u, 0x3F7DAAC3u, 0x3F7C980Fu, 0x3F7B95C2u, 0x3F7AA43Au, 0x3F79C3D3u, 0x3F78F4F0u,
        0x3F7837F0u, 0x3F778D3Au, 0x3F76F532u, 0x3F767043u, 0x3F75FED7u, 0x3F75A15Bu, 0x3F75583Fu, 0x3F7523F6u).AsInt32();
    }

    private static Vector512<int> Powers32Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
        0x3F7504F3u, 0x3F74FBAFu, 0x3F7508A4u, 0x3F752C4Du, 0x3F75672Au, 0x3F75B9BEu, 0x3F76248Cu, 0x3F76A81Eu,
        0x3F7744FDu, 0x3F77FBB8u, 0x3F78CCDFu, 0x3F79B907u, 0x3F7AC0C7u, 0x3F7BE4BAu, 0x3F7D257Du, 0x3F7E83B3u).AsInt32();
    }

    // The same of 2^(j/8).
    private static Vector256<int> Powers8
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(
        0x3F800000u, 0x3F7B95C2u, 0x3F7837F0u, 0x3F75FED7u, 0x3F7504F3u, 0x3F75672Au, 0x3F7744FDu, 0x3F7AC0C7u).AsInt32();
    }

    /// <summary>Sixteen values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        var biased = Avx512F.FusedMultiplyAdd(x, Vector512.Create(-32 * Log2E), Vector512.Create(RoundingBias));
        var k = biased - Vector512.Create(RoundingBias);
        var r = Avx512F.FusedMultiplyAdd(k, Vector512.Create(Ln2 / 32), x);

        // 1 − r + r²/2, its linear term such that −r³/6 is matched best for |r| ≤ h = ln 2 / 64: 1 + h²/8.
        var p = Avx512F.FusedMultiplyAdd(r, Vector512.Create(0.5f), Vector512.Create(-1.0000147f));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512.Create(1f));
        var power = Avx512F.PermuteVar16x32x2(Powers32Lower, biased.AsInt32(), Powers32Upper) + Vector512.ShiftLeft(biased.AsInt32(), 18);
        return Avx512F.FusedMultiplyAdd(power.AsSingle(), p, Vector512.Create(1f));
    }

    /// <summary>Eight values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(Vector256<float> x)
    {
        var biased = Fma.MultiplyAdd(x, Vector256.Create(-8 * Log2E), Vector256.Create(RoundingBias));
        var k = biased - Vector256.Create(RoundingBias);
        var r = Fma.MultiplyAdd(k, Vector256.Create(Ln2 / 8), x);

        // 1 − r + r²/2 − r³/6, its square term such that r⁴/24 is matched best for |r| ≤ h = ln 2 / 16: 1/2 + h²/24.
        var p = Fma.MultiplyAdd(r, Vector256.Create(-1f / 6), Vector256.Create(0.5000782f));
        p = Fma.MultiplyAdd(p, r, Vector256.Create(-1f));
        p = Fma.MultiplyAdd(p, r, Vector256.Create(1f));
        var power = Avx2.PermuteVar8x32(Powers8, biased.AsInt32()) + Vector256.ShiftLeft(biased.AsInt32(), 20);
        return Fma.MultiplyAdd(power.AsSingle(), p, Vector256.Create(1f));
    }

    /// <summary>Four values, on any machine, and so without a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Of(Vector128<float> x)
    {
        var n = Vector128.Round(x * Vector128.Create(-Log2E));
        var r = Vector128.MultiplyAddEstimate(n, Vector128.Create(Ln2), x);

        // The polynomial 1 − r + … of degree 5 whose largest relative error against e⁻ʳ on |r| ≤ ln 2 / 2 is least (1.1e-7), by
        // weighted least squares iterated until the error's peaks are level.
        var p = Vector128.MultiplyAddEstimate(r, Vector128.Create(-0.008312502f), Vector128.Create(0.041890331f));
        p = Vector128.MultiplyAddEstimate(p, r, Vector128.Create(-0.166671157f));
        p = Vector128.MultiplyAddEstimate(p, r, Vector128.Create(0.499992311f));
        p = Vector128.MultiplyAddEstimate(p, r, Vector128.Create(-1f));
        p = Vector128.MultiplyAddEstimate(p, r, Vector128.Create(1f));

        // 2ⁿ goes into the exponent's bits.
        var power = Vector128.ShiftLeft(Vector128.ConvertToInt32Native(n), 23) + p.AsInt32();
        return power.AsSingle() + Vector128.Create(1f);
    }

    /// <summary>One value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float x) => 1 + MathF.Exp(-x);
}
