namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Saturation as Pillow's <c>ImageEnhance.Color</c> and torchvision's <c>adjust_saturation</c>: away from or towards each pixel's luma.
/// </summary>
internal static class Saturation
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives a grey image, 1 the same image, 2 twice the saturation.</param>
    public static void Adjust(Image image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        Blend.FromLuma(image, Blend.CheckFactor(factor));
    }
}
