namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// All three channels become the luma: torchvision's <c>to_grayscale(…, 3)</c>, Pillow's <c>convert("L")</c> and back. A part of it is
/// <see cref="Saturation"/> with a factor below 1.
/// </summary>
public static class Grayscale
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    public static void Apply(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Blend.FromLuma(picture, 0);
    }
}
