namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>The operations that policies are made of; what each does stands at its class.</summary>
internal enum ImageOperation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary><see cref="Augmentations.AutoContrast"/>; no argument.</summary>
    AutoContrast,

    /// <summary><see cref="Augmentations.Equalize"/>; no argument.</summary>
    Equalize,

    /// <summary><see cref="Augmentations.Invert"/>; no argument.</summary>
    Invert,

    /// <summary><see cref="Augmentations.Posterize"/>; the bits kept.</summary>
    Posterize,

    /// <summary><see cref="Augmentations.Solarize"/>; the threshold.</summary>
    Solarize,

    /// <summary><see cref="Augmentations.SolarizeAdd"/>; the addition.</summary>
    SolarizeAdd,

    /// <summary><see cref="Saturation"/>; the factor.</summary>
    Color,

    /// <summary><see cref="Augmentations.Contrast"/>; the factor.</summary>
    Contrast,

    /// <summary><see cref="Augmentations.Brightness"/>; the factor.</summary>
    Brightness,

    /// <summary><see cref="Augmentations.Sharpness"/>; the factor.</summary>
    Sharpness,

    /// <summary><see cref="AffineMatrix.ShearX"/>; the factor.</summary>
    ShearX,

    /// <summary><see cref="AffineMatrix.ShearY"/>; the factor.</summary>
    ShearY,

    /// <summary><see cref="AffineMatrix.TranslateX"/>; pixels to the left.</summary>
    TranslateX,

    /// <summary><see cref="AffineMatrix.TranslateY"/>; pixels up.</summary>
    TranslateY,

    /// <summary><see cref="Warp.Rotate"/>; degrees against the clock.</summary>
    Rotate,

    /// <summary><see cref="Augmentations.Cutout"/>; half the side in pixels.</summary>
    Cutout,

    /// <summary><see cref="Augmentations.GaussianBlur"/>; the standard deviation in pixels.</summary>
    GaussianBlur,
}
