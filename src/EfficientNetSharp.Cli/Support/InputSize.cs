using System.Globalization;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A network's input size as words give it: <c>224</c> for a square, <c>224x160</c> for rows and columns.</summary>
internal readonly record struct InputSize(int Height, int Width)
{
    // The core's bound; a longer side is a slip.
    private const int MaxPixels = 65_536;

    public static InputSize? Parse(string text)
    {
        string[] sides = text.Split('x', 'X', '×');
        if (sides.Length is < 1 or > 2 || !TryParse(sides[0], out int height) || !TryParse(sides[^1], out int width)) return null;
        return new InputSize(height, width);
    }

    private static bool TryParse(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= MaxPixels;
}
