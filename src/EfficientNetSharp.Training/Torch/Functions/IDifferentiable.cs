using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>An element-wise function and its derivative.</summary>
internal interface IDifferentiable
{
    static abstract TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>The gradient of the argument.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="gradient">The gradient of the value.</param>
    static abstract TVector Backward<TSimd, TVector>(TVector x, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;
}

internal readonly struct Identity : IDifferentiable
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TSimd, TVector>(TVector x, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => gradient;
}

/// <summary>x·σ(x), whose derivative is σ(x)·(1 + x·(1 − σ(x))).</summary>
internal readonly struct Silu : IDifferentiable
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => VectorMath<TSimd, TVector>.Silu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TSimd, TVector>(TVector x, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var one = TSimd.Broadcast(1);
        var sigmoid = VectorMath<TSimd, TVector>.Sigmoid(x);
        var rest = TSimd.MultiplyAdd(sigmoid, TSimd.Broadcast(-1), one);
        return TSimd.Multiply(gradient, TSimd.Multiply(sigmoid, TSimd.MultiplyAdd(x, rest, one)));
    }
}

internal readonly struct Relu : IDifferentiable
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => VectorMath<TSimd, TVector>.Relu(x);

    // At 0 the derivative is 0, as in libtorch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TSimd, TVector>(TVector x, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.SelectNonNegative(TSimd.Multiply(x, TSimd.Broadcast(-1)), TSimd.Broadcast(0), gradient);
}

internal readonly struct Relu6 : IDifferentiable
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => VectorMath<TSimd, TVector>.Clip6(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TSimd, TVector>(TVector x, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.SelectNonNegative(TSimd.Add(x, TSimd.Broadcast(-6)), TSimd.Broadcast(0), Relu.Backward<TSimd, TVector>(x, gradient));
}

/// <summary>From a kind to its type.</summary>
internal static class Differentiables
{
    /// <summary>Whether <see cref="Choose"/> knows the kind.</summary>
    public static bool Has(ActivationKind kind) =>
        kind is ActivationKind.Identity or ActivationKind.Silu or ActivationKind.Relu or ActivationKind.Relu6;

    /// <summary>Calls the user with the kind's type.</summary>
    public static void Choose<TUser>(ActivationKind kind, in TUser user)
        where TUser : struct, IDifferentiableUser, allows ref struct
    {
        switch (kind)
        {
            case ActivationKind.Identity:
                user.Use<Identity>();
                break;
            case ActivationKind.Silu:
                user.Use<Silu>();
                break;
            case ActivationKind.Relu:
                user.Use<Relu>();
                break;
            case ActivationKind.Relu6:
                user.Use<Relu6>();
                break;
            default:
                throw new NotSupportedException($"There is no kernel with {kind}.");
        }
    }
}

/// <summary>Something that is generic over the function.</summary>
internal interface IDifferentiableUser
{
    void Use<TFunction>()
        where TFunction : struct, IDifferentiable;
}
