using System.Globalization;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Rounding of doubles to decimals as Python's <c>round</c> has it: the exact value decides, and the result is the nearest double.
/// </summary>
internal static class Rounded
{
    /// <summary>
    /// Pillow rounds sines and cosines so, that quarter turns have zeros. <see cref="Math.Round(double, int)"/> scales and errs in last
    /// bits.
    /// </summary>
    internal static double ToFifteenDecimals(double value)
    {
        // A sine needs a sign, a digit, a point and fifteen digits.
        Span<char> text = stackalloc char[32];
        return value.TryFormat(text, out int length, "F15", CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], CultureInfo.InvariantCulture)
            : value;
    }
}
