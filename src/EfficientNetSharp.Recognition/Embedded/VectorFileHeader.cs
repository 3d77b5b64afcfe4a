using System.Buffers.Binary;
using System.Numerics;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>The first bytes of a file of vectors: which gallery's it is, and how it is laid out.</summary>
internal static class VectorFileHeader
{
    /// <summary>Bytes that are not padding.</summary>
    public const int Bytes = 64;

    private const int Version = 1, ChecksumAt = 60;

    private static ReadOnlySpan<byte> Magic => "EFNGALRY"u8;

    public static byte[] Write(BlockLayout layout, Guid key, long generation)
    {
        byte[] header = new byte[BlockLayout.HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), (int)layout.Precision);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), layout.Dimension);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), BlockLayout.RowsPerBlock);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), generation);
        key.TryWriteBytes(header.AsSpan(32));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(ChecksumAt), Checksum.Of(header.AsSpan(0, ChecksumAt)));
        return header;
    }

    /// <exception cref="InvalidInputException">It is not the header of that gallery's vectors.</exception>
    public static void Check(ReadOnlySpan<byte> header, string path, BlockLayout layout, Guid key, long generation)
    {
        if (!header.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumAt..]) != Checksum.Of(header[..ChecksumAt]))
            throw Damaged(path, "it does not begin as a gallery's vectors do");
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != Version)
            throw new InvalidInputException($"'{path}' is of format {version}, this version reads format {Version}; use a newer version.");
        bool isSame = BinaryPrimitives.ReadInt32LittleEndian(header[12..]) == (int)layout.Precision
            && BinaryPrimitives.ReadInt32LittleEndian(header[16..]) == layout.Dimension
            && BinaryPrimitives.ReadInt32LittleEndian(header[20..]) == BlockLayout.RowsPerBlock
            && BinaryPrimitives.ReadInt64LittleEndian(header[24..]) == generation
            && new Guid(header.Slice(32, 16)) == key;
        if (!isSame) throw Damaged(path, "it belongs to another gallery or another moment of this one");
    }

    public static InvalidInputException Damaged(string path, string how) =>
        new($"The gallery's file {OneLine.Quote(path, 300)} is damaged: {how}; restore the gallery's folder as a whole from a copy, or import an export.");
}

/// <summary>CRC-32C, which processors compute.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte one in bytes) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
