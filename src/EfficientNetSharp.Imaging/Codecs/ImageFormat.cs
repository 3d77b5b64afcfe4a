using System.Text;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>The kinds of image file that are decoded.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    WebP,
    Bmp,
    Gif,
}

/// <summary>
/// Tells the kind of a file by its first bytes. Only kinds that are meant reach the decoder library, which would take others on weaker
/// grounds (two zero bytes for WBMP).
/// </summary>
internal static class ImageFormats
{
    internal static ImageFormat Detect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return ImageFormat.Png;
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8)) return ImageFormat.Gif;
        if (bytes.StartsWith("BM"u8)) return ImageFormat.Bmp;
        bool isWebP = bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8);
        return isWebP ? ImageFormat.WebP : ImageFormat.Unknown;
    }

    /// <summary>
    /// Pixels that one byte of a complete file can stand for at most; 0 where the format sets no useful bound. A header that promises more
    /// is refused before memory is taken for its pixels.
    /// </summary>
    internal static long MaxPixelsPerByte(ImageFormat format, ReadOnlySpan<byte> file) => format switch
    {
        // Deflate expands by 1032 at most (zlib's technical notes), and a byte holds eight 1-bit pixels.
        ImageFormat.Png => 1032 * 8,
        // A block of 8×8 samples takes at least one bit; the first component has at least one sample for 4×4 pixels.
        ImageFormat.Jpeg => 64 * 16 * 8,
        // Eight 1-bit pixels; the run-length kinds (compression 1 and 2, at offset 30) may skip any number.
        ImageFormat.Bmp => file.Length > 30 && file[30] is 1 or 2 ? 0 : 8,
        _ => 0,
    };

    /// <summary>The first bytes as a person would recognise them, for errors.</summary>
    internal static string Describe(ReadOnlySpan<byte> bytes)
    {
        var first = bytes[..Math.Min(bytes.Length, 12)];
        bool isText = first.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;
        return isText ? $"the text '{Encoding.ASCII.GetString(first)}'" : $"the bytes {Convert.ToHexString(first)}";
    }
}
