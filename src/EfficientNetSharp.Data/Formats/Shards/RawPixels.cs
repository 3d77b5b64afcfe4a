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
        int area = side * side;
        var file = WriteHeader(side, side, buffer);
        for (int y = 0; y < side; y++)
        {
            var row = RowOf(file, side, side, y);
            for (int x = 0; x < side; x++)
            {
                int at = (y * side) + x;
                row[x * 3] = planes[(2 * area) + at];
                row[(x * 3) + 1] = planes[area + at];
                row[(x * 3) + 2] = planes[at];
            }
        }
    }

    /// <summary>Writes pixels [height,width,channels] of grey, or of red, green and blue, as a file.</summary>
    /// <exception cref="OverflowException">The file would be larger than a buffer can be.</exception>
    public static void WriteRows(ReadOnlySpan<byte> pixels, int height, int width, int channels, EncodedBuffer buffer)
    {
        var file = WriteHeader(height, width, buffer);
        for (int y = 0, at = 0; y < height; y++)
        {
            var row = RowOf(file, height, width, y);
            for (int x = 0; x < width; x++, at += channels)
            {
                row[x * 3] = pixels[at + channels - 1];
                row[(x * 3) + 1] = pixels[at + (channels / 2)];
                row[(x * 3) + 2] = pixels[at];
            }
        }
    }

    /// <summary>Bytes of the file that <see cref="WritePlanes"/> makes.</summary>
    public static int SizeOf(int side) => FileHeaderBytes + InfoHeaderBytes + (Stride(side) * side);

    private static Span<byte> WriteHeader(int height, int width, EncodedBuffer buffer)
    {
        int offset = FileHeaderBytes + InfoHeaderBytes;
        var file = buffer.Resize(checked(offset + (Stride(width) * height)));
        file[..offset].Clear();
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(file[2..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file[10..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(file[14..], InfoHeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(file[18..], width);
        BinaryPrimitives.WriteInt32LittleEndian(file[22..], height);
        BinaryPrimitives.WriteInt16LittleEndian(file[26..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[28..], 24);
        return file;
    }

    // Rows go from the bottom up, each padded to a multiple of four bytes; a pixel is blue, green, red.
    private static Span<byte> RowOf(Span<byte> file, int height, int width, int y)
    {
        var row = file.Slice(FileHeaderBytes + InfoHeaderBytes + ((height - 1 - y) * Stride(width)), Stride(width));
        row[(width * 3)..].Clear();
        return row;
    }

    private static int Stride(int width) => ((width * 3) + 3) & ~3;
}
