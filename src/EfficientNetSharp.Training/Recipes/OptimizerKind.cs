namespace EfficientNetSharp.Training.Recipes;

/// <summary>The optimizers that a recipe may name.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>Gradient descent with Nesterov's momentum.</summary>
    SgdNesterov,

    /// <summary>RMSProp with TensorFlow's semantics, the EfficientNet papers' optimizer.</summary>
    RmsPropTf,

    /// <summary>Adam's direction, scaled tensor by tensor to the length of the weights; for large batches.</summary>
    Lamb,
}

/// <summary>Which weights decay.</summary>
public enum DecayRule
{
    /// <summary>Kernels only: no biases and no normalisations, as timm does.</summary>
    Kernels,

    /// <summary>All but normalisations, biases included, as the TPU code does.</summary>
    AllButNorms,
}
