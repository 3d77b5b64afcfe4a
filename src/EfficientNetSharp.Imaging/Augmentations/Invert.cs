namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Pillow's <c>ImageOps.invert</c>: each level v becomes 255 − v.</summary>
internal static class Invert
{
    /// <summary>Changes the image in place; twice is nothing.</summary>
    /// <param name="image">The image.</param>
    public static void Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        // 255 − v has all of v's bits turned; the filler keeps its own.
        PackedPixelMap.Xor(image.PackedPixels, ~Image.OpaqueBlack);
    }
}
