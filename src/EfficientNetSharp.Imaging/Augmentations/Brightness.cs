namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Brightness as Pillow's <c>ImageEnhance.Brightness</c> and torchvision's <c>adjust_brightness</c>.</summary>
public static class Brightness
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="factor">0 gives black, 1 the same picture, 2 twice the brightness.</param>
    public static void Adjust(Picture picture, double factor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Blend.FromConstant(picture, 0, Blend.CheckFactor(factor));
    }
}
