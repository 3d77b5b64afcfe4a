using System.Buffers.Binary;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// Raw pixels as an image file: an uncompressed 24-bit BMP, which loses nothing, takes no time to make, and is decoded by a copy.
/// </summary>
internal static class RawPixels
{
    // BITMAPFILEHEADER and BITMAPINFOHEADER.
    private const int FileHeaderBytes = 14, InfoHeaderBytes = 40;

    /// <summary>Writes planes of red, green and blue [3,side,side] as a file.</summary>
    public static void WritePlanes(ReadOnlySpan<byte> planes, int side, EncodedBuffer buffer)
    {
        // Rows go from the bottom up, each padded to a multiple of four bytes; a pixel is blue, green, red.
        int stride = ((side * 3) + 3) & ~3, area = side * side, offset = FileHeaderBytes + InfoHeaderBytes;
        var file = buffer.Resize(offset + (stride * side));
        file[..offset].Clear();
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(file[2..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file[10..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(file[14..], InfoHeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(file[18..], side);
        BinaryPrimitives.WriteInt32LittleEndian(file[22..], side);
        BinaryPrimitives.WriteInt16LittleEndian(file[26..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[28..], 24);
        for (int y = 0; y < side; y++)
        {
            var row = file.Slice(offset + ((side - 1 - y) * stride), stride);
            row[(side * 3)..].Clear();
            for (int x = 0; x < side; x++)
            {
                int at = (y * side) + x;
                row[x * 3] = planes[(2 * area) + at];
                row[(x * 3) + 1] = planes[area + at];
                row[(x * 3) + 2] = planes[at];
            }
        }
    }

    /// <summary>Bytes of the file that <see cref="WritePlanes"/> makes.</summary>
    public static int SizeOf(int side) => FileHeaderBytes + InfoHeaderBytes + ((((side * 3) + 3) & ~3) * side);
}
