namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Shears, shifts and turns, byte for byte those of Pillow's <c>Image.transform</c> and <c>Image.rotate</c>. The picture keeps its size; what
/// comes from outside gets a fill colour.
/// </summary>
public static class Warp
{
    /// <summary>Warps the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="matrix">Where pixels come from.</param>
    /// <param name="filter">How to read between pixels.</param>
    /// <param name="fill">The colour of what comes from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The matrix has numbers that are not finite, or the filter is unknown.</exception>
    public static void Apply(Picture picture, AffineMatrix matrix, WarpFilter filter, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var (a, b, c, d, e, f) = matrix;
        if (!double.IsFinite(a + b + c + d + e + f)) throw new ArgumentOutOfRangeException(nameof(matrix), matrix, "A matrix is finite.");
        if (!Enum.IsDefined(filter)) throw new ArgumentOutOfRangeException(nameof(filter), filter, "Nearest, bilinear or bicubic.");

        using var result = Picture.Rent(picture.Width, picture.Height);
        if (filter == WarpFilter.Nearest) NearestWarp.Run(picture, result, matrix, fill.Word);
        else SmoothWarp.Run(picture, result, matrix, filter, fill.Word);
        picture.Exchange(result);
    }

    /// <summary>Turns the picture against the clock around its centre, in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="degrees">The angle. Half turns, and quarter turns of squares, move pixels without reading between them.</param>
    /// <param name="filter">How to read between pixels.</param>
    /// <param name="fill">The colour of what comes from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The angle is not finite, or the filter is unknown.</exception>
    public static void Rotate(Picture picture, double degrees, WarpFilter filter, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!double.IsFinite(degrees)) throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "An angle is finite.");
        // Python's remainder: 0 … 360, also of negative angles.
        double angle = degrees % 360;
        if (angle < 0) angle += 360;
        bool isSquare = picture.Width == picture.Height;
        if (angle == 0) return;
        if (angle == 180) picture.Words.Reverse();
        else if (isSquare && (angle is 90 or 270)) QuarterTurn(picture, isLeft: angle == 90);
        else Apply(picture, AffineMatrix.Rotation(angle, picture.Size), filter, fill);
    }

    private static void QuarterTurn(Picture picture, bool isLeft)
    {
        int side = picture.Width;
        using var result = Picture.Rent(side, side);
        ReadOnlySpan<uint> from = picture.Words;
        var to = result.Words;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
                to[(y * side) + x] = isLeft ? from[(x * side) + side - 1 - y] : from[((side - 1 - x) * side) + y];
        }

        picture.Exchange(result);
    }
}
