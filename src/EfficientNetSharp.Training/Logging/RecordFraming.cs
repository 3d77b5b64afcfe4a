using System.Buffers.Binary;
using System.Numerics;

namespace EfficientNetSharp.Training.Logging;

/// <summary>
/// TensorFlow's record files (tensorflow/core/lib/io/record_writer.h): for each record its length (8 bytes), the length's checksum (4),
/// the bytes, and their checksum (4), little-endian. Checksums are CRC-32C, turned and shifted so that records may hold others.
/// </summary>
internal static class RecordFraming
{
    // crc32c.h of TensorFlow: the constant of its masked checksums.
    private const uint MaskDelta = 0xA282EAD8;

    private const int LengthBytes = 8, ChecksumBytes = 4;

    /// <summary>A record in its frame.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> record)
    {
        var framed = new byte[LengthBytes + ChecksumBytes + record.Length + ChecksumBytes];
        var rest = framed.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(rest, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[LengthBytes..], MaskedChecksum(rest[..LengthBytes]));
        record.CopyTo(rest[(LengthBytes + ChecksumBytes)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[^ChecksumBytes..], MaskedChecksum(record));
        return framed;
    }

    /// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4).</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in bytes) checksum = BitOperations.Crc32C(checksum, value);
        return ~checksum;
    }

    private static uint MaskedChecksum(ReadOnlySpan<byte> bytes) => unchecked(BitOperations.RotateRight(Checksum(bytes), 15) + MaskDelta);
}
