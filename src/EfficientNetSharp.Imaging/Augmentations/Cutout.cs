namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Covers a square with one colour (DeVries and Taylor 2017), as the TPU code's <c>cutout</c>: the square reaches as far from its centre to
/// each side and is cut off at the image's edges.
/// </summary>
internal static class Cutout
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="column">The centre's column.</param>
    /// <param name="row">The centre's row.</param>
    /// <param name="halfSide">
    /// Half the square's side in pixels: columns column − halfSide … column + halfSide − 1 are covered, rows alike. 0 covers nothing.
    /// </param>
    /// <param name="fill">The colour.</param>
    /// <exception cref="ArgumentOutOfRangeException">The half side is negative.</exception>
    public static void Apply(Image image, int column, int row, int halfSide, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(halfSide);
        int left = Clip((long)column - halfSide, image.Width), right = Clip((long)column + halfSide, image.Width);
        int top = Clip((long)row - halfSide, image.Height), bottom = Clip((long)row + halfSide, image.Height);
        if (left >= right) return;
        var words = image.PackedPixels;
        for (int y = top; y < bottom; y++) words.Slice((y * image.Width) + left, right - left).Fill(fill.Packed);
    }

    private static int Clip(long edge, int size) => (int)Math.Clamp(edge, 0, size);
}
