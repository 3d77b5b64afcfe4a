namespace EfficientNetSharp.Graphs;

/// <summary>Element-wise functions. All but <see cref="PRelu"/> have no parameters.</summary>
public enum ActivationKind
{
    /// <summary>The value itself.</summary>
    Identity,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>x · σ(x), also called swish.</summary>
    Silu,

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>x · min(max(x + 3, 0), 6) / 6 (MobileNetV3).</summary>
    HardSwish,

    /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
    HardSigmoid,

    /// <summary>max(x, 0) + a · min(x, 0) with a trained slope a for each channel; the operator is <see cref="PRelu"/>.</summary>
    PRelu,
}
