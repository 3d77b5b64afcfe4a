namespace EfficientNetSharp.Imaging.Decoding;

/// <summary>A part of a picture that is in memory.</summary>
/// <param name="Part">The pixels that are there.</param>
/// <param name="Left">Which column of the picture the first of them is in.</param>
/// <param name="Top">Which row of the picture the first of them is in.</param>
/// <param name="FullSize">Size of the whole picture.</param>
internal readonly record struct PictureBand(Picture Part, int Left, int Top, PictureSize FullSize) : IDisposable
{
    /// <summary>A picture that is there as a whole.</summary>
    internal static PictureBand Whole(Picture picture) => new(picture, 0, 0, picture.Size);

    /// <summary>Whether these pixels of the picture are there.</summary>
    internal bool Holds(PixelRectangle area) =>
        area.Left >= Left && area.Top >= Top && area.Right <= Left + Part.Width && area.Bottom <= Top + Part.Height;

    public void Dispose() => Part.Dispose();
}
