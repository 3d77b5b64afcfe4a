namespace EfficientNetSharp.Graphs;

/// <summary>Element-wise functions without parameters.</summary>
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
}
