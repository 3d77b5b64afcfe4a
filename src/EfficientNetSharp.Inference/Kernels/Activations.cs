using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>An element-wise function as a type, for kernels that end with one.</summary>
internal interface IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>The function's value.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="slopes">The channels' slopes, for <see cref="ActivationKind.PRelu"/> only.</param>
    static abstract unsafe TVector Apply(TVector x, float* slopes);
}

/// <summary>Something that is generic over the function; <see cref="Activations.Choose"/> calls it with the right one.</summary>
internal interface IActivationUser<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    void Use<TActivation>()
        where TActivation : struct, IActivation<TSimd, TVector>;
}

/// <summary>From a kind to its type.</summary>
internal static class Activations
{
    /// <summary>Calls the user with the kind's type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Choose<TSimd, TVector, TUser>(ActivationKind kind, ref TUser user)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TUser : struct, IActivationUser<TSimd, TVector>, allows ref struct
    {
        switch (kind)
        {
            case ActivationKind.Relu:
                user.Use<ReluFunction<TSimd, TVector>>();
                break;
            case ActivationKind.Relu6:
                user.Use<Relu6Function<TSimd, TVector>>();
                break;
            case ActivationKind.Silu:
                user.Use<SiluFunction<TSimd, TVector>>();
                break;
            case ActivationKind.Sigmoid:
                user.Use<SigmoidFunction<TSimd, TVector>>();
                break;
            case ActivationKind.HardSwish:
                user.Use<HardSwishFunction<TSimd, TVector>>();
                break;
            case ActivationKind.HardSigmoid:
                user.Use<HardSigmoidFunction<TSimd, TVector>>();
                break;
            case ActivationKind.PRelu:
                user.Use<PReluFunction<TSimd, TVector>>();
                break;
            default:
                user.Use<IdentityFunction<TSimd, TVector>>();
                break;
        }
    }
}

internal readonly unsafe struct IdentityFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => x;
}

internal readonly unsafe struct ReluFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.Relu(x);
}

internal readonly unsafe struct Relu6Function<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.Clip6(x);
}

internal readonly unsafe struct SiluFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.Silu(x);
}

internal readonly unsafe struct SigmoidFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.Sigmoid(x);
}

internal readonly unsafe struct HardSwishFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.HardSwish(x);
}

internal readonly unsafe struct HardSigmoidFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.HardSigmoid(x);
}

internal readonly unsafe struct PReluFunction<TSimd, TVector> : IActivation<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x, float* slopes) => VectorMath<TSimd, TVector>.PRelu(x, TSimd.Load(slopes));
}
