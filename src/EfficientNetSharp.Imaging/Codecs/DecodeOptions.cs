namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>What a decoder accepts.</summary>
public sealed record DecodeOptions
{
    /// <summary>The defaults.</summary>
    public static DecodeOptions Default { get; } = new();

    /// <summary>Pixels that an image may have however few bytes its file has: 16,777,216, which are 64 MiB decoded.</summary>
    public const long FreePixels = 1L << 24;

    /// <summary>
    /// Pixels that each byte of a file may stand for in a larger image, a quarter more than deflate can make of a PNG of a byte per pixel.
    /// Only blank images of fewer bits, in GIF or in WebP reach it.
    /// </summary>
    public const long MaxPixelsPerByte = 1280;

    /// <summary>
    /// Images with more pixels are refused before memory is taken for them. The default, 178,956,970, is where Pillow raises
    /// DecompressionBombError: twice Image.MAX_IMAGE_PIXELS = 2³⁰ / 4 / 3.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Below 1 or above what one array can hold at four bytes per pixel (536,870,000).
    /// </exception>
    public long MaxPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 536_870_000);
            field = value;
        }
    } = 178_956_970;
}
