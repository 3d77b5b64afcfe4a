using System.Runtime.InteropServices;

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
    public static Image DecodeFile(string path, DecodeOptions? options = null) => Decode(ReadFile(path), path, options);

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
        byte[] header = ReadFile(path, HeaderBytes);
        if (header.Length < HeaderBytes) return ReadSize(header, path);
        // A PNG's orientation may stand behind its pixels.
        if (ImageFormats.Detect(header) == ImageFormat.Png) return ReadSize(ReadFile(path), path);
        try
        {
            return ReadSize(header, path);
        }
        catch (InvalidInputException)
        {
            // Thumbnails and colour profiles may stand before the size.
            return ReadSize(ReadFile(path), path);
        }
    }

    /// <summary>Reads a file's bytes, all or the first few, with errors that a person can act on.</summary>
    private static byte[] ReadFile(string path, int max = int.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new InvalidInputException($"Expected an image file, but '{path}' is a directory; name a file in it.");
        if (!File.Exists(path)) throw new InvalidInputException($"Expected an image file, but '{path}' does not exist; check the path.");
        try
        {
            if (max == int.MaxValue) return File.ReadAllBytes(path);
            using var stream = File.OpenRead(path);
            var bytes = new byte[max];
            int read = stream.ReadAtLeast(bytes, max, throwOnEndOfStream: false);
            return read == max ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ExternalException)
        {
            throw new InvalidInputException(
                $"Expected to read the image '{path}', but: {OneLine(e.Message)} Check its permissions and size.", e);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
