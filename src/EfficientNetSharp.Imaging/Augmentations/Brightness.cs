namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Brightness as Pillow's <c>ImageEnhance.Brightness</c> and torchvision's <c>adjust_brightness</c>.</summary>
internal static class Brightness
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives black, 1 the same image, 2 twice the brightness.</param>
    public static void Adjust(Image image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        Blend.FromConstant(image, 0, Blend.CheckFactor(factor));
    }
}
