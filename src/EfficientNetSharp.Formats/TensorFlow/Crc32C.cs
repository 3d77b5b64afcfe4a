using System.Buffers.Binary;
using System.Numerics;

namespace EfficientNetSharp.Formats.TensorFlow;

/// <summary>The checksum of TensorFlow's files: CRC-32C (Castagnoli; RFC 3720, appendix B.4), stored masked.</summary>
internal static class Crc32C
{
    // kMaskDelta of LevelDB's and TensorFlow's crc32c.h.
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>The checksum of what was before and the bytes; start with 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~checksum;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The form in files: a checksum of data that hold checksums would be a weak one.</summary>
    public static uint Mask(uint checksum) => BitOperations.RotateRight(checksum, 15) + MaskDelta;

    /// <summary>The checksum of bytes in its form in files.</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes) => Mask(Append(0, bytes));
}
