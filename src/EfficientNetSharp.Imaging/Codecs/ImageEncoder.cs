using SkiaSharp;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>Pixels to image files, for reports and examples.</summary>
public static class ImageEncoder
{
    /// <summary>The image as a PNG file, which loses nothing.</summary>
    public static byte[] EncodePng(Image image) => Encode(image, SKEncodedImageFormat.Png, 100);

    /// <summary>Interleaved RGB bytes [H,W,3] as a PNG file.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · 3.</exception>
    public static byte[] EncodePng(ReadOnlySpan<byte> rgb, int width, int height)
    {
        using var image = Image.FromRgb(rgb, width, height);
        return EncodePng(image);
    }

    /// <summary>The image as a JPEG file.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">0 (small) to 100 (good); 90 shows no damage at a glance.</param>
    public static byte[] EncodeJpeg(Image image, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image, SKEncodedImageFormat.Jpeg, quality);
    }

    private static unsafe byte[] Encode(Image image, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, null);
        fixed (byte* pixels = image.Buffer)
        {
            using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
            using var data = pixmap.Encode(format, quality)
                ?? throw new InvalidOperationException($"A {image.Size} image cannot be encoded as {format}.");
            return data.ToArray();
        }
    }
}
