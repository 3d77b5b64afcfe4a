namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Contrast as Pillow's <c>ImageEnhance.Contrast</c> and torchvision's <c>adjust_contrast</c>: away from or towards the mean luma of the
/// picture, rounded to a byte.
/// </summary>
public static class Contrast
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="factor">0 gives plain grey, 1 the same picture, 2 twice the contrast.</param>
    public static void Adjust(Picture picture, double factor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        float single = Blend.CheckFactor(factor);
        ReadOnlySpan<byte> pixels = picture.Pixels;
        long sum = 0;
        for (int i = 0; i < pixels.Length; i += Picture.BytesPerPixel) sum += Luma.Of(pixels[i], pixels[i + 1], pixels[i + 2]);
        double mean = (double)sum / ((long)picture.Width * picture.Height);
        Blend.FromConstant(picture, (int)(mean + 0.5), single);
    }
}
