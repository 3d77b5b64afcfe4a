namespace EfficientNetSharp.Imaging;

/// <summary>The size of an image in pixels, as it is seen: after the orientation of its file is applied.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <inheritdoc />
    public override string ToString() => $"{Width}×{Height}";
}
