namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>How a warp reads between pixels, as Pillow's <c>Image.transform</c>.</summary>
internal enum WarpFilter
{
    /// <summary>The pixel that the point lies in; torchvision's default.</summary>
    Nearest,

    /// <summary>Linear between 2×2 pixels.</summary>
    Bilinear,

    /// <summary>Cubic with a = −1 over 4×4 pixels (the resampler's bicubic has a = −0.5).</summary>
    Bicubic,
}
