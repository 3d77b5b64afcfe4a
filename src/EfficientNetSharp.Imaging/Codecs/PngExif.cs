using System.Buffers.Binary;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// The orientation in a PNG's eXIf chunk (PNG 1.5 extension), which the decoder library does not report; it does for JPEG and WebP.
/// </summary>
internal static class PngExif
{
    private const int SignatureLength = 8;

    /// <summary>Length and kind before a chunk's data; a checksum of four bytes follows the data.</summary>
    private const int ChunkHead = 8, ChunkTail = 4;

    /// <summary>The EXIF tag Orientation.</summary>
    private const int OrientationTag = 0x0112;

    /// <summary>The EXIF field type SHORT.</summary>
    private const int ShortType = 3;

    /// <summary>1 … 8; 1 where nothing is stated or what is stated makes no sense.</summary>
    internal static int Orientation(ReadOnlySpan<byte> png)
    {
        var rest = png[Math.Min(SignatureLength, png.Length)..];
        while (rest.Length >= ChunkHead)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkHead) break;
            if (rest[4..].StartsWith("eXIf"u8)) return FromTiff(rest.Slice(ChunkHead, (int)length));
            rest = rest[Math.Min(ChunkHead + (int)length + ChunkTail, rest.Length)..];
        }

        return Codecs.Orientation.Upright;
    }

    /// <summary>EXIF is a TIFF header (byte order, 42, offset of the first directory) with directories of twelve-byte entries.</summary>
    private static int FromTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return Codecs.Orientation.Upright;
        bool isLittle = tiff.StartsWith("II"u8);
        uint directory = Read32(tiff[4..], isLittle);
        if ((!isLittle && !tiff.StartsWith("MM"u8)) || directory > tiff.Length - 2) return Codecs.Orientation.Upright;

        var entries = tiff[(int)directory..];
        int count = Math.Min((int)Read16(entries, isLittle), (entries.Length - 2) / 12);
        for (int i = 0; i < count; i++)
        {
            var entry = entries.Slice(2 + (i * 12), 12);
            if (Read16(entry, isLittle) != OrientationTag || Read16(entry[2..], isLittle) != ShortType) continue;
            int value = Read16(entry[8..], isLittle);
            return value is >= 1 and <= 8 ? value : Codecs.Orientation.Upright;
        }

        return Codecs.Orientation.Upright;
    }

    private static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
