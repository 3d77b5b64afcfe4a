using System.Buffers.Binary;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>
/// The index of a TensorFlow checkpoint (LevelDB's table): a part per block, which keeps its length, and whose checksum is made again.
/// </summary>
public sealed class SortedTableContainer : IContainer
{
    private const int FooterBytes = 48, TrailerBytes = 5;
    private const ulong Magic = 0xdb4775248b80fb57;

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (bytes.Length < FooterBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8)) != Magic) return null;
        int at = bytes.Length - FooterBytes;
        var blocks = new List<(int Start, int Length)>();
        for (int i = 0; i < 2; i++) blocks.Add(((int)ReadVarint(bytes, ref at), (int)ReadVarint(bytes, ref at)));
        // Data blocks lie before the two that the footer names, one after another.
        var (index, indexLength) = blocks[1];
        if (!IsInside(bytes, blocks[0]) || !IsInside(bytes, blocks[1])) return null;
        for (int entry = index; entry < index + indexLength - 8;)
        {
            ulong shared = ReadVarint(bytes, ref entry), rest = ReadVarint(bytes, ref entry), length = ReadVarint(bytes, ref entry);
            if (shared + rest + length > (ulong)(index + indexLength - entry)) break;
            int handle = entry + (int)rest;
            var block = ((int)ReadVarint(bytes, ref handle), (int)ReadVarint(bytes, ref handle));
            if (IsInside(bytes, block)) blocks.Add(block);
            entry += (int)rest + (int)length;
        }

        return new([.. blocks.Select(block => new ContainerPart(block, bytes[block.Start..(block.Start + block.Length)]))], parts =>
            Join(bytes, parts));
    }

    private static bool IsInside(byte[] bytes, (int Start, int Length) block) =>
        block.Start >= 0 && block.Length > 0 && (long)block.Start + block.Length + TrailerBytes <= bytes.Length;

    private static byte[] Join(byte[] original, IReadOnlyList<ContainerPart> parts)
    {
        byte[] bytes = [.. original];
        foreach (var part in parts)
        {
            var (start, length) = ((int, int))part.Tag!;
            part.Bytes.AsSpan(0, Math.Min(length, part.Bytes.Length)).CopyTo(bytes.AsSpan(start));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(start + length + 1), Checksum32C.Masked(bytes.AsSpan(start, length + 1)));
        }

        return bytes;
    }

    private static ulong ReadVarint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 63 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        return value;
    }
}
