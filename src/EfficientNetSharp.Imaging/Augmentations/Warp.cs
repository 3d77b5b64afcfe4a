namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Shears, shifts and turns, byte for byte those of Pillow's <c>Image.transform</c> and <c>Image.rotate</c>. The image keeps its size; what
/// comes from outside gets a fill colour.
/// </summary>
internal static class Warp
{
    /// <summary>Warps the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="matrix">Where pixels come from.</param>
    /// <param name="filter">How to read between pixels.</param>
    /// <param name="fill">The colour of what comes from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The matrix has numbers that are not finite, or the filter is unknown.</exception>
    public static void Apply(Image image, AffineMatrix matrix, WarpFilter filter, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (a, b, c, d, e, f) = matrix;
        if (!double.IsFinite(a + b + c + d + e + f)) throw new ArgumentOutOfRangeException(nameof(matrix), matrix, "A matrix is finite.");
        if (!Enum.IsDefined(filter)) throw new ArgumentOutOfRangeException(nameof(filter), filter, "Nearest, bilinear or bicubic.");

        using var result = Image.Rent(image.Width, image.Height);
        if (filter == WarpFilter.Nearest) NearestWarp.Run(image, result, matrix, fill.Packed);
        else SmoothWarp.Run(image, result, matrix, filter, fill.Packed);
        image.Exchange(result);
    }

    /// <summary>Turns the image against the clock around its centre, in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="degrees">The angle. Half turns, and quarter turns of squares, move pixels without reading between them.</param>
    /// <param name="filter">How to read between pixels.</param>
    /// <param name="fill">The colour of what comes from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The angle is not finite, or the filter is unknown.</exception>
    public static void Rotate(Image image, double degrees, WarpFilter filter, PixelColor fill)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!double.IsFinite(degrees)) throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "An angle is finite.");
        // Python's remainder: 0 … 360, also of negative angles.
        double angle = degrees % 360;
        if (angle < 0) angle += 360;
        bool isSquare = image.Width == image.Height;
        if (angle == 0) return;
        if (angle == 180) image.PackedPixels.Reverse();
        else if (isSquare && (angle is 90 or 270)) QuarterTurn(image, isLeft: angle == 90);
        else Apply(image, AffineMatrix.Rotation(angle, image.Size), filter, fill);
    }

    private static void QuarterTurn(Image image, bool isLeft)
    {
        int side = image.Width;
        using var result = Image.Rent(side, side);
        ReadOnlySpan<uint> from = image.PackedPixels;
        var to = result.PackedPixels;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
                to[(y * side) + x] = isLeft ? from[(x * side) + side - 1 - y] : from[((side - 1 - x) * side) + y];
        }

        image.Exchange(result);
    }
}
