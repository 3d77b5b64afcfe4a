using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// The orientation that an image file states, wherever it does: in EXIF (JPEG's APP1, PNG's eXIf and the text "Raw profile type exif" that
/// ImageMagick writes, WebP's EXIF), or, where that has no such tag, in XMP (JPEG's APP1, PNG's text, WebP's XMP). The decoder library
/// reports little of this. The order and the limits are those of Pillow's <c>Image.getexif</c> and its plug-ins (PngImagePlugin,
/// JpegImagePlugin, WebPImagePlugin); what is broken counts as not stated, where Pillow raises an error.
/// </summary>
internal static class StatedOrientation
{
    // PngImagePlugin.MAX_TEXT_CHUNK: longer texts are not unpacked.
    private const int MaxText = 1 << 20;

    private const int PngSignature = 8, PngChunkHead = 8, PngChecksum = 4;

    private const byte Marker = 0xFF, StartOfScan = 0xDA, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7, Temporary = 0x01,
        App1 = 0xE1;

    // Flags of VP8X (RIFF container specification, "Extended File Format").
    private const byte WebPXmp = 0x04, WebPExif = 0x08;

    private static ReadOnlySpan<byte> ExifHead => "Exif\0\0"u8;

    private static ReadOnlySpan<byte> XmpHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <summary>1 … 8; 1 where nothing is stated or what is stated makes no sense.</summary>
    internal static int Of(ReadOnlySpan<byte> file, ImageFormat format)
    {
        var found = default(Statements);
        switch (format)
        {
            case ImageFormat.Jpeg:
                ReadJpeg(file, ref found);
                break;
            case ImageFormat.Png:
                ReadPng(file, ref found);
                break;
            case ImageFormat.WebP:
                ReadWebP(file, ref found);
                break;
            default:
                return Orientation.Upright;
        }

        int? orientation = TiffOrientation.Find(found.Exif.StartsWith(ExifHead) ? found.Exif[ExifHead.Length..] : found.Exif)
            ?? FromXmp(found.Xmp);
        return orientation is >= 1 and <= 8 ? orientation.Value : Orientation.Upright;
    }

    /// <summary>Whether the first bytes of a file may lack what it states: it may stand behind the pixels, or behind large segments.</summary>
    internal static bool MayFollow(ReadOnlySpan<byte> start, ImageFormat format)
    {
        var found = default(Statements);
        return format switch
        {
            ImageFormat.Png or ImageFormat.WebP => true,
            ImageFormat.Jpeg => !ReadJpeg(start, ref found),
            _ => false,
        };
    }

    /// <summary>Parts of a file that may state it; of several of a kind the one that counts.</summary>
    private ref struct Statements
    {
        public ReadOnlySpan<byte> Exif;

        public ReadOnlySpan<byte> Xmp;
    }

    /// <summary>Walks the segments up to the pixels; false where the bytes end before.</summary>
    private static bool ReadJpeg(ReadOnlySpan<byte> jpeg, ref Statements found)
    {
        var rest = jpeg[Math.Min(2, jpeg.Length)..];
        while (rest.Length >= 2)
        {
            if (rest[0] != Marker)
            {
                // Bytes between segments mean nothing.
                rest = rest[1..];
                continue;
            }

            byte kind = rest[1];
            if (kind is StartOfScan or EndOfImage) return true;
            if (kind is Marker or 0 or Temporary or (>= FirstRestart and <= LastRestart))
            {
                rest = rest[(kind == Marker ? 1 : 2)..];
                continue;
            }

            if (rest.Length < 4) return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length > rest.Length - 2) return false;
            var segment = rest.Slice(4, length - 2);
            if (kind == App1 && segment.StartsWith(ExifHead) && found.Exif.IsEmpty) found.Exif = segment;
            else if (kind == App1 && segment.StartsWith(XmpHead)) found.Xmp = segment[XmpHead.Length..];
            rest = rest[(2 + length)..];
        }

        return false;
    }

    private static void ReadWebP(ReadOnlySpan<byte> webp, ref Statements found)
    {
        // "RIFF", length, "WEBP", then chunks: a kind, a length, and data padded to an even number of bytes.
        if (webp.Length < 30 || !webp[12..].StartsWith("VP8X"u8)) return;
        byte flags = webp[20];
        for (var rest = webp[12..]; rest.Length >= 8;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - 8) return;
            var data = rest.Slice(8, (int)length);
            if ((flags & WebPExif) != 0 && rest.StartsWith("EXIF"u8) && found.Exif.IsEmpty) found.Exif = data;
            else if ((flags & WebPXmp) != 0 && rest.StartsWith("XMP "u8) && found.Xmp.IsEmpty) found.Xmp = data;
            rest = rest[Math.Min(8 + (int)length + (int)(length & 1), rest.Length)..];
        }
    }

    private static void ReadPng(ReadOnlySpan<byte> png, ref Statements found)
    {
        // Chunks from their kinds on.
        ReadOnlySpan<byte> rawProfile = [], xmp = [];
        for (var rest = png[Math.Min(PngSignature, png.Length)..]; rest.Length >= PngChunkHead;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngChunkHead) break;
            var kind = rest.Slice(4, 4);
            var data = rest.Slice(PngChunkHead, (int)length);
            if (kind.SequenceEqual("eXIf"u8))
            {
                found.Exif = data;
            }
            else if (kind.SequenceEqual("tEXt"u8) || kind.SequenceEqual("zTXt"u8) || kind.SequenceEqual("iTXt"u8))
            {
                // Of several the last counts, and only that one is unpacked.
                if (data.StartsWith("Raw profile type exif\0"u8)) rawProfile = rest.Slice(4, 4 + (int)length);
                else if (data.StartsWith("XML:com.adobe.xmp\0"u8)) xmp = rest.Slice(4, 4 + (int)length);
            }

            rest = rest[Math.Min(PngChunkHead + (int)length + PngChecksum, rest.Length)..];
        }

        if (found.Exif.IsEmpty && !rawProfile.IsEmpty) found.Exif = FromHexadecimal(TextOf(rawProfile));
        found.Xmp = xmp.IsEmpty ? [] : TextOf(xmp);
    }

    /// <summary>The text of a tEXt, zTXt or iTXt chunk (PNG 11.3.4); empty where it cannot be unpacked or is too long.</summary>
    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> chunk)
    {
        var rest = chunk[(chunk.IndexOf((byte)0) + 1)..];
        if (chunk[0] == 't') return rest;
        if (chunk[0] == 'z') return rest is [0, ..] ? Unpack(rest[1..]) : [];
        // Whether it is compressed, how, language, translated keyword, text.
        if (rest.Length < 2) return [];
        var (isCompressed, method) = (rest[0] != 0, rest[1]);
        rest = rest[2..];
        for (int i = 0; i < 2; i++)
        {
            int end = rest.IndexOf((byte)0);
            if (end < 0) return [];
            rest = rest[(end + 1)..];
        }

        return !isCompressed ? rest : method == 0 ? Unpack(rest) : [];
    }

    private static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> packed)
    {
        using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var text = new byte[Math.Min(MaxText, Math.Max(1L, packed.Length) * 1032) + 1];
        try
        {
            int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > MaxText ? [] : text.AsSpan(0, length);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return [];
        }
    }

    /// <summary>An empty line, the profile's kind, its length, and its bytes in hexadecimal with line breaks.</summary>
    private static ReadOnlySpan<byte> FromHexadecimal(ReadOnlySpan<byte> text)
    {
        for (int line = 0; line < 3; line++)
        {
            int end = text.IndexOf((byte)'\n');
            if (end < 0) return [];
            text = text[(end + 1)..];
        }

        string digits = string.Concat(Encoding.Latin1.GetString(text).Where(c => !char.IsWhiteSpace(c)));
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    /// <summary>As Pillow finds it, by the pattern <c>tiff:Orientation(="|>)([0-9])</c>: an attribute or an element.</summary>
    private static int? FromXmp(ReadOnlySpan<byte> xmp)
    {
        var name = "tiff:Orientation"u8;
        while (xmp.IndexOf(name) is >= 0 and var at)
        {
            xmp = xmp[(at + name.Length)..];
            var value = xmp.StartsWith("=\""u8) ? xmp[2..] : xmp.StartsWith(">"u8) ? xmp[1..] : [];
            if (value is [>= (byte)'0' and <= (byte)'9', ..]) return value[0] - '0';
        }

        return null;
    }
}
