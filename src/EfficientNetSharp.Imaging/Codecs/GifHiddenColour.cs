namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// The colour under a GIF's transparent pixels. The decoder library makes them black; dropping transparency means to show the colour
/// that the palette holds at the transparent index (at index 0 where a frame leaves the canvas uncovered), as Pillow does.
/// </summary>
internal static class GifHiddenColour
{
    /// <summary>Signature, screen size, flags, background and aspect ratio.</summary>
    private const int HeaderLength = 13;

    private const byte ExtensionBlock = 0x21, GraphicControl = 0xF9, ImageBlock = 0x2C;

    /// <summary>Red, green, blue of the first frame's hidden colour; black where the file does not say.</summary>
    internal static (byte Red, byte Green, byte Blue) Find(ReadOnlySpan<byte> gif)
    {
        if (gif.Length < HeaderLength) return default;
        var palette = Palette(gif[HeaderLength..], gif[10]);
        var rest = gif[(HeaderLength + palette.Length)..];
        int index = 0;
        while (!rest.IsEmpty)
        {
            if (rest[0] == ImageBlock && rest.Length >= 10)
            {
                var local = Palette(rest[10..], rest[9]);
                return ColourAt(local.IsEmpty ? palette : local, index);
            }

            if (rest[0] != ExtensionBlock || rest.Length < 2) return default;
            // Block length (4), flags whose lowest bit says that an index is transparent, delay, that index.
            if (rest[1] == GraphicControl && rest.Length >= 7 && (rest[3] & 1) != 0) index = rest[6];
            rest = SkipBlocks(rest[2..]);
        }

        return default;
    }

    /// <summary>A colour table of 2^(n+1) colours follows where the flags' top bit is set; n are the three lowest bits.</summary>
    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> bytes, byte flags) =>
        (flags & 0x80) == 0 ? [] : bytes[..Math.Min(bytes.Length, 3 * (2 << (flags & 7)))];

    private static (byte Red, byte Green, byte Blue) ColourAt(ReadOnlySpan<byte> palette, int index) =>
        (index * 3) + 3 <= palette.Length ? (palette[index * 3], palette[(index * 3) + 1], palette[(index * 3) + 2]) : default;

    /// <summary>Blocks of up to 255 bytes, each led by its length, end with an empty one.</summary>
    private static ReadOnlySpan<byte> SkipBlocks(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && bytes[0] != 0) bytes = bytes[Math.Min(1 + bytes[0], bytes.Length)..];
        return bytes.IsEmpty ? bytes : bytes[1..];
    }
}
