using EfficientNetSharp.Files;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// Image files to pixels: JPEG, PNG, WebP, BMP and GIF (the first frame). The pixels are those of Pillow's
/// <c>ImageOps.exif_transpose(Image.open(file)).convert("RGB")</c>: the orientation of the file is applied, transparency is dropped
/// without blending, colour profiles are not applied.
/// </summary>
/// <remarks>
/// One departure: 16-bit grey PNG keeps the upper eight bits, as 16-bit colour does; Pillow clips it, so that nearly every pixel
/// becomes white.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Enough for the header of nearly every image; the whole file is read when it is not.</summary>
    private const int HeaderBytes = 64 << 10;

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The bytes of the file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="options">Limits; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">
    /// The bytes are empty, no image, broken, truncated or too large; the message names it.
    /// </exception>
    public static Image Decode(ReadOnlySpan<byte> encoded, string name, DecodeOptions? options = null)
    {
        using var source = ImageSource.Open(encoded, name, options ?? DecodeOptions.Default);
        return source.Decode();
    }

    /// <summary>Decodes an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or as for <see cref="Decode"/>.</exception>
    public static Image DecodeFile(string path, DecodeOptions? options = null) => Decode(InputFile.ReadAllBytes(path), path, options);

    /// <summary>The size that <see cref="Decode"/> would give, read from the header without decoding.</summary>
    /// <param name="encoded">The bytes of the file, or at least its header.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <exception cref="InvalidInputException">The header is not an image's.</exception>
    public static ImageSize ReadSize(ReadOnlySpan<byte> encoded, string name)
    {
        using var source = ImageSource.OpenHeader(encoded, name);
        return source.Size;
    }

    /// <summary>The size of an image file, read from its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file cannot be read or its header is not an image's.</exception>
    public static ImageSize ReadFileSize(string path)
    {
        byte[] header = InputFile.ReadAllBytes(path, HeaderBytes);
        if (header.Length < HeaderBytes) return ReadSize(header, path);
        if (StatedOrientation.MayFollow(header, ImageFormats.Detect(header))) return ReadSize(InputFile.ReadAllBytes(path), path);
        try
        {
            return ReadSize(header, path);
        }
        catch (InvalidInputException)
        {
            // Thumbnails and colour profiles may stand before the size.
            return ReadSize(InputFile.ReadAllBytes(path), path);
        }
    }
}
