namespace EfficientNetSharp.Graphs;

/// <summary>
/// The shape of one value in a graph without the batch dimension: a map [C,H,W] or a vector [C].
/// </summary>
/// <param name="Channels">Channels of a map, length of a vector.</param>
/// <param name="Height">Rows; 0 for a vector.</param>
/// <param name="Width">Columns; 0 for a vector.</param>
public readonly record struct TensorShape(int Channels, int Height, int Width)
{
    /// <summary>
    /// Longest side that a network's input may have, in pixels; the largest published one has 800 (L2). A longer one is a slip.
    /// </summary>
    public const int MaxSide = 65_536;

    /// <summary>A vector [C].</summary>
    public static TensorShape Vector(int length) => new(length, 0, 0);

    /// <summary>A map [C,H,W].</summary>
    public static TensorShape Map(int channels, int height, int width) => new(channels, height, width);

    /// <summary>Whether this is a vector [C] rather than a map [C,H,W].</summary>
    public bool IsVector => Height == 0;

    /// <summary>Values per image.</summary>
    public long Count => IsVector ? Channels : (long)Channels * Height * Width;

    /// <summary>Pixels of a map; 1 for a vector.</summary>
    public long Positions => IsVector ? 1 : (long)Height * Width;

    /// <inheritdoc />
    public override string ToString() => IsVector ? $"{Channels}" : $"{Channels}×{Height}×{Width}";
}
