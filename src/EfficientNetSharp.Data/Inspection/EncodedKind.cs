using System.Buffers.Binary;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>What an image file says of itself in its header: its format and what its pixels are made of.</summary>
/// <param name="Format"><c>JPEG</c>, <c>PNG</c>, <c>WebP</c>, <c>BMP</c>, <c>GIF</c> or <c>unknown</c>.</param>
/// <param name="Channels"><c>grey</c>, <c>grey+alpha</c>, <c>RGB</c>, <c>RGBA</c>, <c>CMYK</c>, <c>palette</c> or <c>unknown</c>.</param>
internal readonly record struct EncodedKind(string Format, string Channels)
{
    /// <summary>What a header does not say.</summary>
    public const string Unknown = "unknown";

    /// <summary>Reads the header.</summary>
    public static EncodedKind Of(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return new("JPEG", JpegChannels(file));
        // IHDR's colour type stands at 25 (PNG 11.2.2).
        if (file.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47])) return new("PNG", file.Length > 25 ? PngChannels(file[25]) : Unknown);
        if (file.StartsWith("GIF8"u8)) return new("GIF", "palette");
        // BITMAPINFOHEADER's bits per pixel stand at 28.
        if (file.StartsWith("BM"u8))
        {
            int bits = file.Length < 30 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
            return new("BMP", file.Length < 30 ? Unknown : bits switch { <= 8 => "palette", 32 => "RGBA", _ => "RGB" });
        }
        if (file.Length >= 30 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return new("WebP", WebPChannels(file));
        return new(Unknown, Unknown);
    }

    // The frame header (SOF0 … SOF15 but for DHT, JPG and DAC) has its number of components at 9 (ITU T.81 B.2.2).
    private static string JpegChannels(ReadOnlySpan<byte> file)
    {
        for (int at = 2; at + 9 < file.Length && file[at] == 0xFF;)
        {
            byte marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return file[at + 9] switch { 1 => "grey", 3 => "RGB", 4 => "CMYK", _ => Unknown };
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return Unknown;
    }

    private static string PngChannels(byte colourType) => colourType switch
    {
        0 => "grey",
        2 => "RGB",
        3 => "palette",
        4 => "grey+alpha",
        6 => "RGBA",
        _ => Unknown,
    };

    // VP8X has a flag for alpha (bit 4 of its first byte), VP8L one behind the sizes (bit 28); VP8 has none.
    private static string WebPChannels(ReadOnlySpan<byte> file)
    {
        var kind = file[12..16];
        if (kind.SequenceEqual("VP8X"u8)) return (file[20] & 0x10) != 0 ? "RGBA" : "RGB";
        if (kind.SequenceEqual("VP8L"u8)) return (file[24] & 0x10) != 0 ? "RGBA" : "RGB";
        return "RGB";
    }
}
