namespace EfficientNetSharp.Weights.Formats;

/// <summary>A kind of file that weights come in.</summary>
public enum WeightFormat
{
    /// <summary>PyTorch's <c>.pth</c> or <c>.pt</c>, zip or legacy.</summary>
    Torch,

    /// <summary><c>.safetensors</c>.</summary>
    Safetensors,

    /// <summary>NumPy's <c>.npz</c>.</summary>
    NumPy,

    /// <summary>Keras's <c>.h5</c>, <c>.weights.h5</c> and <c>.keras</c>.</summary>
    Keras,

    /// <summary>A TensorFlow checkpoint of version 2, <c>.index</c> and <c>.data-…</c>.</summary>
    TensorFlow,
}
