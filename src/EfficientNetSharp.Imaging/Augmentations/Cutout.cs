namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Covers a square with one colour (DeVries and Taylor 2017), as the TPU code's <c>cutout</c>: the square reaches as far from its centre to
/// each side and is cut off at the picture's edges.
/// </summary>
public static class Cutout
{
    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="column">The centre's column.</param>
    /// <param name="row">The centre's row.</param>
    /// <param name="halfSide">
    /// Half the square's side in pixels: columns column − halfSide … column + halfSide − 1 are covered, rows alike. 0 covers nothing.
    /// </param>
    /// <param name="fill">The colour.</param>
    /// <exception cref="ArgumentOutOfRangeException">The half side is negative.</exception>
    public static void Apply(Picture picture, int column, int row, int halfSide, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegative(halfSide);
        int left = Clip((long)column - halfSide, picture.Width), right = Clip((long)column + halfSide, picture.Width);
        int top = Clip((long)row - halfSide, picture.Height), bottom = Clip((long)row + halfSide, picture.Height);
        if (left >= right) return;
        var words = picture.Words;
        for (int y = top; y < bottom; y++) words.Slice((y * picture.Width) + left, right - left).Fill(fill.Word);
    }

    private static int Clip(long edge, int size) => (int)Math.Clamp(edge, 0, size);
}
