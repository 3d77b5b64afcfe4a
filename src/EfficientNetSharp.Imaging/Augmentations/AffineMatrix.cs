using System.Globalization;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Where each pixel of a warped image comes from, as Pillow's <c>Transform.AFFINE</c>: the point (x, y) shows what the point
/// (A·x + B·y + C, D·x + E·y + F) showed. Points are in pixels from the upper left corner; a pixel's centre is at its halves.
/// </summary>
/// <param name="A">Column per column.</param>
/// <param name="B">Column per row.</param>
/// <param name="C">Column offset.</param>
/// <param name="D">Row per column.</param>
/// <param name="E">Row per row.</param>
/// <param name="F">Row offset.</param>
internal readonly record struct AffineMatrix(double A, double B, double C, double D, double E, double F)
{
    /// <summary>The image moves to the left by a number of pixels; timm's <c>translate_x</c>.</summary>
    public static AffineMatrix TranslateX(double pixels) => new(1, 0, pixels, 0, 1, 0);

    /// <summary>The image moves up by a number of pixels; timm's <c>translate_y</c>.</summary>
    public static AffineMatrix TranslateY(double pixels) => new(1, 0, 0, 0, 1, pixels);

    /// <summary>Rows move to the left by a factor of their distance from the top; timm's <c>shear_x</c>.</summary>
    public static AffineMatrix ShearX(double factor) => new(1, factor, 0, 0, 1, 0);

    /// <summary>Columns move up by a factor of their distance from the left; timm's <c>shear_y</c>.</summary>
    public static AffineMatrix ShearY(double factor) => new(1, 0, 0, factor, 1, 0);

    /// <summary>A turn against the clock around the image's centre; the matrix of Pillow's <c>Image.rotate</c>.</summary>
    /// <param name="degrees">The angle.</param>
    /// <param name="size">The image's size.</param>
    public static AffineMatrix Rotation(double degrees, ImageSize size)
    {
        double radians = -(degrees * (Math.PI / 180));
        double cos = ToFifteenDecimals(Math.Cos(radians)), sin = ToFifteenDecimals(Math.Sin(radians));
        double minusSin = ToFifteenDecimals(-Math.Sin(radians));
        double column = size.Width / 2.0, row = size.Height / 2.0;
        return new AffineMatrix(
            cos, sin, (cos * -column) + (sin * -row) + 0.0 + column,
            minusSin, cos, (minusSin * -column) + (cos * -row) + 0.0 + row);
    }

    /// <summary>The point that the centre of a pixel comes from.</summary>
    internal (double Column, double Row) Source(int x, int y)
    {
        double column = x + 0.5, row = y + 0.5;
        return ((A * column) + (B * row) + C, (D * column) + (E * row) + F);
    }

    /// <summary>
    /// Rounding to fifteen decimals as Python's <c>round</c>: the exact value decides, and the result is the nearest double. Pillow rounds
    /// sines and cosines so, that quarter turns have zeros; <see cref="Math.Round(double, int)"/> scales and errs in last bits.
    /// </summary>
    private static double ToFifteenDecimals(double value)
    {
        // A sine needs a sign, a digit, a point and fifteen digits.
        Span<char> text = stackalloc char[32];
        return value.TryFormat(text, out int length, "F15", CultureInfo.InvariantCulture)
            && NumberText.TryParse(text[..length], out double rounded)
            ? rounded
            : value;
    }
}
