namespace EfficientNetSharp.Architectures;

/// <summary>The batch normalisation used throughout a network.</summary>
/// <param name="Epsilon">Added to the variance; 1e-3 in TensorFlow's family, 1e-5 in PyTorch's.</param>
/// <param name="Momentum">Share of the new batch in the running statistics; TensorFlow's 0.99 is 0.01 here.</param>
public sealed record Normalization(double Epsilon, double Momentum)
{
    /// <summary>PyTorch's defaults: 1e-5 and 0.1.</summary>
    public static Normalization PyTorch { get; } = new(1e-5, 0.1);

    /// <summary>torchvision's EfficientNetV2: TensorFlow's epsilon with PyTorch's momentum (<c>models/efficientnet.py</c>).</summary>
    public static Normalization TorchvisionEfficientNetV2 { get; } = new(1e-3, 0.1);

    /// <summary>torchvision's MnasNet: its momentum is 1 − 0.9997 (<c>models/mnasnet.py</c>).</summary>
    public static Normalization TorchvisionMnasNet { get; } = new(1e-5, 3e-4);

    /// <summary>What TensorFlow's networks are trained with: 1e-3 and 0.01.</summary>
    public static Normalization TensorFlow { get; } = new(1e-3, 0.01);
}
