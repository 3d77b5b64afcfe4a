using System.Text;

namespace EfficientNetSharp.Imaging.Decoding;

/// <summary>The kinds of picture file that are decoded.</summary>
internal enum PictureFormat
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
internal static class PictureFormats
{
    internal static PictureFormat Detect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return PictureFormat.Jpeg;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return PictureFormat.Png;
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8)) return PictureFormat.Gif;
        if (bytes.StartsWith("BM"u8)) return PictureFormat.Bmp;
        return bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? PictureFormat.WebP : PictureFormat.Unknown;
    }

    /// <summary>
    /// Pixels that one byte of a complete file can stand for at most; 0 where the format sets no useful bound. A header that promises more
    /// is refused before memory is taken for its pixels.
    /// </summary>
    internal static long MostPixelsPerByte(PictureFormat format) => format switch
    {
        // Deflate expands by 1032 at most (zlib's technical notes), and a byte holds eight 1-bit pixels.
        PictureFormat.Png => 1032 * 8,
        // A block of 8×8 samples takes at least one bit; the first component has at least one sample for 4×4 pixels.
        PictureFormat.Jpeg => 64 * 16 * 8,
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
