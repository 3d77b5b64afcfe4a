namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Saturation as Pillow's <c>ImageEnhance.Color</c> and torchvision's <c>adjust_saturation</c>: away from or towards each pixel's luma.
/// </summary>
public static class Saturation
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="factor">0 gives a grey picture, 1 the same picture, 2 twice the saturation.</param>
    public static void Adjust(Picture picture, double factor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        float single = Blend.CheckFactor(factor);
        var pixels = picture.Pixels;
        for (int i = 0; i < pixels.Length; i += Picture.BytesPerPixel)
        {
            int luma = Luma.Of(pixels[i], pixels[i + 1], pixels[i + 2]);
            pixels[i] = Blend.Bytes(luma, pixels[i], single);
            pixels[i + 1] = Blend.Bytes(luma, pixels[i + 1], single);
            pixels[i + 2] = Blend.Bytes(luma, pixels[i + 2], single);
        }
    }
}
