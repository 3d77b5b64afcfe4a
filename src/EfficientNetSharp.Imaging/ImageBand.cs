namespace EfficientNetSharp.Imaging;

/// <summary>A part of an image that is in memory.</summary>
/// <param name="Part">The pixels that are there.</param>
/// <param name="Left">Which column of the image the first of them is in.</param>
/// <param name="Top">Which row of the image the first of them is in.</param>
/// <param name="FullSize">Size of the whole image.</param>
internal readonly record struct ImageBand(Image Part, int Left, int Top, ImageSize FullSize) : IDisposable
{
    /// <summary>An image that is there as a whole.</summary>
    internal static ImageBand Whole(Image image) => new(image, 0, 0, image.Size);

    /// <summary>Whether these pixels of the image are there.</summary>
    internal bool Holds(PixelRectangle area) =>
        area.Left >= Left && area.Top >= Top && area.Right <= Left + Part.Width && area.Bottom <= Top + Part.Height;

    public void Dispose() => Part.Dispose();
}
