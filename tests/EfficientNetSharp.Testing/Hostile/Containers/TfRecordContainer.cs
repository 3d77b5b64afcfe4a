using System.Buffers.Binary;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>TFRecords: a part per record, with both checksums made again.</summary>
public sealed class TfRecordContainer : IContainer
{
    private const int HeaderBytes = 12, TrailerBytes = 4;

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        var parts = new List<ContainerPart>();
        var rest = bytes.AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest.Length < HeaderBytes + TrailerBytes) return null;
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            if (Checksum32C.Masked(rest[..8]) != BinaryPrimitives.ReadUInt32LittleEndian(rest[8..])) return null;
            if (length > (ulong)(rest.Length - HeaderBytes - TrailerBytes)) return null;
            parts.Add(new(null, rest.Slice(HeaderBytes, (int)length).ToArray()));
            rest = rest[(HeaderBytes + (int)length + TrailerBytes)..];
        }

        return new(parts, Join);
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ulong)], checksum = stackalloc byte[sizeof(uint)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)part.Bytes.Length);
            target.Write(length);
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Checksum32C.Masked(length));
            target.Write(checksum);
            target.Write(part.Bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Checksum32C.Masked(part.Bytes));
            target.Write(checksum);
        }

        return target.ToArray();
    }
}

/// <summary>The checksum of TFRecords and checkpoint indexes, bit by bit: a second writing of it, beside the library's.</summary>
internal static class Checksum32C
{
    public static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }

        return uint.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
