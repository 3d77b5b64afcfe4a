using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EfficientNetSharp.Graphs;

/// <summary>The size of a network's input in pixels, each side from 1 to <see cref="TensorShape.MaxSide"/>.</summary>
public readonly record struct InputSize
{
    /// <summary>A size of rows and columns.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="InvalidInputException">A side is out of range.</exception>
    public InputSize(int height, int width)
    {
        (Height, Width) = (Checked("height", height), Checked("width", width));

        static int Checked(string name, int side) => side is >= 1 and <= TensorShape.MaxSide
            ? side
            : throw new InvalidInputException($"The {name} is expected to be 1 to {TensorShape.MaxSide} pixels, found {side}.");
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Reads a size: <c>224</c> for a square, <c>224x160</c> for rows and columns.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out InputSize size)
    {
        size = default;
        string[] sides = text?.Split('x', 'X', '×') ?? [];
        if (sides.Length is < 1 or > 2 || !TryParseSide(sides[0], out int height) || !TryParseSide(sides[^1], out int width)) return false;
        size = new InputSize(height, width);
        return true;
    }

    /// <summary>The size as <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => Height == Width ? Height.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    private static bool TryParseSide(string text, out int side) =>
        NumberText.TryParseDigits(text, out side) && side is >= 1 and <= TensorShape.MaxSide;
}
