using System.Buffers.Binary;
using System.IO.Compression;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Data.Formats.Mat;

/// <summary>The data types of elements ("MAT-File Format", table 1-1).</summary>
internal enum MatType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
    Matrix = 14,
    Compressed = 15,
    Utf8 = 16,
    Utf16 = 17,
    Utf32 = 18,
}

/// <summary>An element of a MATLAB file: a type and its bytes.</summary>
internal readonly record struct MatElement(MatType Type, ReadOnlyMemory<byte> Data)
{
    private const int TagBytes = 8;

    // A compressed element of class lists and annotations is some hundred kilobytes; deflate expands by 1032 at most.
    private const int MaxInflated = 256 << 20;

    /// <summary>Reads the element at the start of the bytes, unpacked if it is compressed, and says how many bytes it takes.</summary>
    /// <exception cref="InvalidInputException">It is cut off or cannot be unpacked.</exception>
    public static (MatElement Element, int Length) Read(ReadOnlyMemory<byte> bytes, string path, bool mayBeCompressed = true)
    {
        if (bytes.Length < TagBytes) throw DatasetErrors.Damaged(path, "it ends within an element");
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
        // Up to four bytes of data lie within the tag, whose upper half is then their number.
        if (word >> 16 is > 0 and var small)
        {
            if (small > 4) throw DatasetErrors.Damaged(path, $"a small element of it has {small} bytes");
            return (new MatElement((MatType)(word & 0xFFFF), bytes.Slice(4, (int)small)), TagBytes);
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[4..]);
        if (length > bytes.Length - TagBytes) throw DatasetErrors.Damaged(path, "it ends within an element");
        var element = new MatElement((MatType)word, bytes.Slice(TagBytes, (int)length));
        // Elements start at multiples of eight bytes, but for compressed ones; the last one's padding may be missing.
        int taken = TagBytes + (int)length;
        if (element.Type == MatType.Compressed)
        {
            var (inner, _) = mayBeCompressed
                ? Read(Inflate(element.Data, path), path, mayBeCompressed: false)
                : throw DatasetErrors.Damaged(path, "an element of it is compressed twice");
            return (inner, taken);
        }

        return (element, Math.Min(bytes.Length, (taken + 7) & ~7));
    }

    /// <summary>The elements one after the other.</summary>
    public static IEnumerable<MatElement> ReadAll(ReadOnlyMemory<byte> bytes, string path)
    {
        while (bytes.Length > 0)
        {
            var (element, length) = Read(bytes, path);
            bytes = bytes[length..];
            yield return element;
        }
    }

    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> packed, string path)
    {
        long max = Math.Min(MaxInflated, Expansion.Max(packed.Length));
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            using var whole = new MemoryStream();
            var piece = new byte[1 << 16];
            for (int read; (read = stream.Read(piece)) > 0;)
            {
                if (whole.Length + read > max)
                    throw DatasetErrors.Damaged(path, $"an element of it unpacks to over {max} bytes");
                whole.Write(piece, 0, read);
            }

            return whole.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw DatasetErrors.Damaged(path, "a compressed element of it cannot be unpacked", e);
        }
    }
}
