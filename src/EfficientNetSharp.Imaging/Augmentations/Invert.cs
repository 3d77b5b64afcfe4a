namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Pillow's <c>ImageOps.invert</c>: each level v becomes 255 − v.</summary>
public static class Invert
{
    /// <summary>Changes the picture in place; twice is nothing.</summary>
    /// <param name="picture">The picture.</param>
    public static void Apply(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        // 255 − v has all of v's bits turned; the filler keeps its own.
        WordMap.Xor(picture.Words, ~Picture.BlackWord);
    }
}
