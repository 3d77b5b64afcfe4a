namespace EfficientNetSharp.Training.Optimizers;

/// <summary>The optimizers that there are.</summary>
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
