namespace EfficientNetSharp.Imaging.Decoding;

/// <summary>Some rows of a picture.</summary>
/// <param name="Rows">The rows that are there.</param>
/// <param name="Top">Which row of the picture the first of them is.</param>
/// <param name="FullHeight">Rows of the whole picture.</param>
internal readonly record struct PictureBand(Picture Rows, int Top, int FullHeight) : IDisposable
{
    internal PictureSize FullSize => new(Rows.Width, FullHeight);

    public void Dispose() => Rows.Dispose();
}
