using System.Buffers.Binary;

namespace EfficientNetSharp.Formats.TensorFlow;

/// <summary>
/// TensorFlow's record files (tensorflow/core/lib/io/record_writer.h): for each record its length (8 bytes), the length's masked checksum
/// (4), the bytes, and their masked checksum (4), little-endian.
/// </summary>
internal static class RecordFraming
{
    /// <summary>Bytes in front of a record and behind it.</summary>
    public const int HeaderBytes = LengthBytes + ChecksumBytes, TrailerBytes = ChecksumBytes;

    private const int LengthBytes = 8, ChecksumBytes = 4;

    /// <summary>A record in its frame.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> record)
    {
        var framed = new byte[HeaderBytes + record.Length + TrailerBytes];
        var rest = framed.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(rest, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[LengthBytes..], Crc32C.Masked(rest[..LengthBytes]));
        record.CopyTo(rest[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[^TrailerBytes..], Crc32C.Masked(record));
        return framed;
    }

    /// <summary>The length in a header; <see langword="null"/> if it does not have its checksum.</summary>
    public static ulong? ReadLength(ReadOnlySpan<byte> header) =>
        HasItsChecksum(header[..HeaderBytes]) ? BinaryPrimitives.ReadUInt64LittleEndian(header) : null;

    /// <summary>Whether bytes with their checksum behind them are as they were written.</summary>
    public static bool HasItsChecksum(ReadOnlySpan<byte> bytesAndChecksum) =>
        Crc32C.Masked(bytesAndChecksum[..^ChecksumBytes]) == BinaryPrimitives.ReadUInt32LittleEndian(bytesAndChecksum[^ChecksumBytes..]);
}
