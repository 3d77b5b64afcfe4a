using SkiaSharp;

namespace EfficientNetSharp.Imaging;

/// <summary>Pixels to picture files, for reports and examples.</summary>
public static class PictureEncoder
{
    /// <summary>The picture as a PNG file, which loses nothing.</summary>
    public static byte[] EncodePng(Picture picture) => Encode(picture, SKEncodedImageFormat.Png, 100);

    /// <summary>Interleaved RGB bytes [H,W,3] as a PNG file.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · 3.</exception>
    public static byte[] EncodePng(ReadOnlySpan<byte> rgb, int width, int height)
    {
        using var picture = Picture.FromRgb(rgb, width, height);
        return EncodePng(picture);
    }

    /// <summary>The picture as a JPEG file.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="quality">0 (small) to 100 (good); 90 shows no damage at a glance.</param>
    public static byte[] EncodeJpeg(Picture picture, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(picture, SKEncodedImageFormat.Jpeg, quality);
    }

    private static unsafe byte[] Encode(Picture picture, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, null);
        fixed (byte* pixels = picture.Buffer)
        {
            using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
            using var data = pixmap.Encode(format, quality)
                ?? throw new InvalidOperationException($"A {picture.Size} picture cannot be encoded as {format}.");
            return data.ToArray();
        }
    }
}
