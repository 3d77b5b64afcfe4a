namespace EfficientNetSharp.Imaging;

/// <summary>A rectangle of whole pixels.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelRectangle(int Left, int Top, int Width, int Height)
{
    /// <summary>The column behind the last.</summary>
    public int Right => Left + Width;

    /// <summary>The row behind the last.</summary>
    public int Bottom => Top + Height;

    /// <summary>The whole of an image.</summary>
    public static PixelRectangle Whole(ImageSize size) => new(0, 0, size.Width, size.Height);

    /// <summary>Whether it has pixels and all of them lie within an image of that size.</summary>
    public bool IsWithin(ImageSize size) =>
        Left >= 0 && Top >= 0 && Width > 0 && Height > 0 && (long)Left + Width <= size.Width && (long)Top + Height <= size.Height;
}
