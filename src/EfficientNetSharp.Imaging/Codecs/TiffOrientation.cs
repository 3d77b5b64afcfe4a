using System.Buffers.Binary;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// The tag Orientation of EXIF data, which are a TIFF header (byte order, 42, offset of the first directory) and a directory of entries of
/// twelve bytes. Read as Pillow's ImageFileDirectory_v2 does: any type of numbers, the first of several values, the last of several
/// entries.
/// </summary>
internal static class TiffOrientation
{
    private const int Tag = 0x0112, EntryBytes = 12;

    /// <summary>What the tag says, 0 where that is no number; <see langword="null"/> where there is no such tag.</summary>
    internal static int? Find(ReadOnlySpan<byte> tiff)
    {
        // Pillow takes the number 42 in either byte order.
        if (tiff.Length < 8 || !((tiff[0] is (byte)'I' or (byte)'M') && tiff[1] == tiff[0])) return null;
        if (!(tiff[2] is 42 && tiff[3] is 0) && !(tiff[2] is 0 && tiff[3] is 42)) return null;
        bool isLittle = tiff[0] == 'I';
        uint directory = Read32(tiff[4..], isLittle);
        if (directory > tiff.Length - 2) return null;
        var entries = tiff[(int)directory..];
        int count = Math.Min((int)Read16(entries, isLittle), (entries.Length - 2) / EntryBytes);
        int? found = null;
        for (int i = 0; i < count; i++)
        {
            var entry = entries.Slice(2 + (i * EntryBytes), EntryBytes);
            int size = SizeOf(Read16(entry[2..], isLittle));
            long length = size * (long)Read32(entry[4..], isLittle);
            // A type that is not known is passed over with what it points at.
            if (length == 0) continue;
            var value = entry[8..];
            if (length > value.Length)
            {
                uint offset = Read32(value, isLittle);
                // Where values lie outside of the data, whatever they are of, the directory ends for Pillow.
                if (offset > tiff.Length || length > tiff.Length - offset) break;
                value = tiff[(int)offset..];
            }

            if (Read16(entry, isLittle) == Tag) found = ValueOf(Read16(entry[2..], isLittle), value, isLittle);
        }

        return found;
    }

    // Of TIFF 6.0 and BigTIFF: BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD, LONG8.
    private static int SizeOf(int type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 => 8,
        _ => 0,
    };

    // BYTE and UNDEFINED are bytes to Pillow and no number.
    private static int ValueOf(int type, ReadOnlySpan<byte> value, bool isLittle)
    {
        ulong number = type switch
        {
            3 or 8 => Read16(value, isLittle),
            4 or 9 or 13 => Read32(value, isLittle),
            6 => value[0],
            5 or 10 => Whole((double)Read32(value, isLittle) / Read32(value[4..], isLittle)),
            11 => Whole(BitConverter.UInt32BitsToSingle(Read32(value, isLittle))),
            12 => Whole(BitConverter.UInt64BitsToDouble(Read64(value, isLittle))),
            16 => Read64(value, isLittle),
            _ => 0,
        };
        return number <= 8 ? (int)number : 0;
    }

    private static ulong Whole(double number) => number is >= 1 and <= 8 && double.IsInteger(number) ? (ulong)number : 0;

    private static ulong Read64(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);

    private static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
