using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Functions in float32, near enough to say what most integers become.</summary>
internal static class FloatFunctions
{
    /// <summary>Whether a function is known here.</summary>
    public static bool Has(ActivationKind kind) => kind is ActivationKind.Identity or ActivationKind.Relu or ActivationKind.Relu6
        or ActivationKind.Silu or ActivationKind.Sigmoid or ActivationKind.HardSigmoid or ActivationKind.HardSwish;

    /// <summary>The function of some numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Compute<TSimd, TVector>(ActivationKind kind, TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        kind == ActivationKind.Silu ? VectorMath<TSimd, TVector>.Silu(x)
        : kind == ActivationKind.Sigmoid ? VectorMath<TSimd, TVector>.Sigmoid(x)
        : kind == ActivationKind.HardSwish ? VectorMath<TSimd, TVector>.HardSwish(x)
        : kind == ActivationKind.HardSigmoid ? VectorMath<TSimd, TVector>.HardSigmoid(x)
        : kind == ActivationKind.Relu ? VectorMath<TSimd, TVector>.Relu(x)
        : kind == ActivationKind.Relu6 ? VectorMath<TSimd, TVector>.Clip6(x)
        : x;
}
