namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>What random erasing puts in place of pixels; names of timm in brackets. Values are normalised ones.</summary>
public enum ErasingMode
{
    /// <summary>Zeros, the mean colour (<c>const</c>).</summary>
    Constant,

    /// <summary>A standard normal number for each rectangle and channel (<c>rand</c>).</summary>
    RandomColor,

    /// <summary>A standard normal number for each value (<c>pixel</c>).</summary>
    RandomPixels,
}
