using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Vectors;

/// <summary>Something that is generic over the vector; <see cref="VectorWidth.Choose"/> calls it with the right one.</summary>
internal interface IVectorUser
{
    void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>Which vectors this machine has.</summary>
internal static class VectorWidth
{
    /// <summary>Whether there are vectors of sixteen values.</summary>
    public static bool Has16 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Whether there are vectors of eight values and fused multiply-add.</summary>
    public static bool Has8 => Vector256.IsHardwareAccelerated && Fma.IsSupported;

    /// <summary>Calls the user with the widest vector that this machine has and that is no longer than a row.</summary>
    /// <param name="length">Values of a row.</param>
    /// <param name="user">Who works with it.</param>
    public static void Choose<TUser>(int length, ref TUser user)
        where TUser : struct, IVectorUser, allows ref struct
    {
        if (length >= Vector512<float>.Count && Has16) user.Use<Simd512, Vector512<float>>();
        else if (length >= Vector256<float>.Count && Has8) user.Use<Simd256, Vector256<float>>();
        else if (length >= Vector128<float>.Count) user.Use<Simd128, Vector128<float>>();
        else user.Use<Simd1, float>();
    }
}
