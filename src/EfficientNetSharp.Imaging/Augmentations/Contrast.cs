namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Contrast as Pillow's <c>ImageEnhance.Contrast</c> and torchvision's <c>adjust_contrast</c>: away from or towards the mean luma of the
/// image, rounded to a byte.
/// </summary>
internal static class Contrast
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives plain grey, 1 the same image, 2 twice the contrast.</param>
    public static void Adjust(Image image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        float single = Blend.CheckFactor(factor);
        double mean = (double)Luma.Sum(image) / ((long)image.Width * image.Height);
        Blend.FromConstant(image, (int)(mean + 0.5), single);
    }
}
