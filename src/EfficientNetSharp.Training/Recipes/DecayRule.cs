namespace EfficientNetSharp.Training.Recipes;

/// <summary>Which weights decay.</summary>
public enum DecayRule
{
    /// <summary>Kernels only: no biases and no normalisations, as timm does.</summary>
    Kernels,

    /// <summary>All but normalisations, biases included, as the TPU code does.</summary>
    AllButNorms,
}
