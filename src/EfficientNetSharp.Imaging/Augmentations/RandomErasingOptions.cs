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

/// <summary>
/// How random erasing (Zhong et al. 2017) covers parts of an image. The defaults are timm's (timm/data/random_erasing.py).
/// </summary>
/// <param name="Probability">How often an image is changed; 0 to 1. EfficientNet recipes of timm take 0.2.</param>
/// <param name="Mode">What covers it.</param>
/// <param name="MaxRectangles">Rectangles of an image: 1 to this at random; together they have the area that one would have.</param>
/// <param name="MinArea">Smallest covered share of the image's area.</param>
/// <param name="MaxArea">Largest covered share of the image's area.</param>
/// <param name="MinAspect">Smallest height / width of a rectangle; its inverse is the largest.</param>
public sealed record RandomErasingOptions(
    double Probability, ErasingMode Mode = ErasingMode.Constant, int MaxRectangles = 1, double MinArea = 0.02, double MaxArea = 1.0 / 3,
    double MinAspect = 0.3)
{
    /// <summary>More would be smaller than a few pixels each.</summary>
    private const int RectangleLimit = 64;

    /// <summary>Smallest aspect that still gives rectangles rather than lines.</summary>
    private const double ThinnestAspect = 0.001;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        AugmentationChecks.Range(Probability, "erasing Probability", AugmentationRanges.Share);
        if (!Enum.IsDefined(Mode))
            throw new InvalidInputException($"Expected a known Mode of the erasing, found {Mode}; change the augmentation.");
        AugmentationChecks.Range(MaxRectangles, "erasing MaxRectangles", 1, RectangleLimit);
        AugmentationChecks.Range(MinArea, "erasing MinArea", 0, MaxArea);
        AugmentationChecks.Range(MaxArea, "erasing MaxArea", MinArea, 1);
        AugmentationChecks.Range(MinAspect, "erasing MinAspect", ThinnestAspect, 1);
    }
}
