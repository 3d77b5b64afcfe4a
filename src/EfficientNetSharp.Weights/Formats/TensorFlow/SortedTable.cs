using System.Buffers.Binary;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Weights.Formats.TensorFlow;

/// <summary>
/// Reads a sorted table of keys and values, the format of LevelDB (its <c>doc/table_format.md</c>) that the index of a checkpoint
/// has: blocks of entries whose keys share prefixes, an index of the blocks, and a footer.
/// </summary>
internal static class SortedTable
{
    // Two handles padded to 40 bytes, then the magic number.
    private const int FooterBytes = 48;
    private const ulong Magic = 0xdb4775248b80fb57;

    // Behind each block: its type and its checksum.
    private const int TrailerBytes = 5;

    // An entry of a network's variable takes about 100 bytes.
    private const int MaxBlockBytes = 1_000 * WeightFile.MaxTensors;

    private const int MaxKeyBytes = 2_000;

    /// <summary>All entries in the order of their keys.</summary>
    /// <exception cref="InvalidInputException">The table is damaged or compressed.</exception>
    public static IEnumerable<(byte[] Key, byte[] Value)> Read(InputFile file)
    {
        var index = ReadFooter(file);
        byte[] last = [];
        bool isFirst = true;
        foreach (var (_, handle) in ReadBlock(file, index.Offset, index.Length))
        {
            var (offset, length) = ReadHandle(new ByteSource(new MemoryStream(handle), file.Path, WeightErrors.Kind));
            foreach (var entry in ReadBlock(file, offset, length))
            {
                // Keys that do not rise would let a few blocks stand for any number of entries.
                if (!isFirst && entry.Key.AsSpan().SequenceCompareTo(last) <= 0) throw WeightErrors.Damaged(file.Path,
                    "its keys are not in order");
                (last, isFirst) = (entry.Key, false);
                yield return entry;
            }
        }
    }

    private static (long Offset, long Length) ReadFooter(InputFile file)
    {
        var footer = new byte[FooterBytes];
        if (file.Length >= FooterBytes) file.ReadExactly(file.Length - FooterBytes, footer);
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer.AsSpan(FooterBytes - sizeof(ulong))) != Magic)
            throw WeightErrors.Damaged(file.Path,
                $"it is not the index of a TensorFlow checkpoint but {file.DescribeKind() ?? "something unknown or cut off"}");
        var source = new ByteSource(new MemoryStream(footer), file.Path, WeightErrors.Kind);
        ReadHandle(source);
        return ReadHandle(source);
    }

    private static (long Offset, long Length) ReadHandle(ByteSource source) =>
        ((long)ProtoReader.ReadVarint(source), (long)ProtoReader.ReadVarint(source));

    private static IEnumerable<(byte[] Key, byte[] Value)> ReadBlock(InputFile file, long offset, long length)
    {
        byte[] block = ReadChecked(file, offset, length);
        // The last number counts the restarts: places of entries with whole keys, for searching.
        if (block.Length < sizeof(uint)) throw WeightErrors.Damaged(file.Path, "a block of it has no entries");
        long entriesEnd = block.Length - (
            sizeof(uint) * (1L + BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(block.Length - sizeof(uint)))));
        if (entriesEnd < 0) throw WeightErrors.Damaged(file.Path, "a block of it has more restarts than bytes");
        var source = new ByteSource(new MemoryStream(block, 0, (int)entriesEnd), file.Path, WeightErrors.Kind);
        byte[] key = [];
        while (source.Position < entriesEnd)
        {
            ulong shared = ProtoReader.ReadVarint(source), rest = ProtoReader.ReadVarint(source),
                valueLength = ProtoReader.ReadVarint(source);
            if (shared > (ulong)key.Length || rest > MaxKeyBytes || shared + rest > MaxKeyBytes || valueLength > (ulong)entriesEnd)
                throw WeightErrors.Damaged(file.Path, "an entry of it does not fit its block");
            key = [.. key.AsSpan(0, (int)shared), .. source.ReadBytes((long)rest)];
            yield return (key, source.ReadBytes((long)valueLength));
        }
    }

    private static byte[] ReadChecked(InputFile file, long offset, long length)
    {
        if (offset < 0 || length < 0 || length > MaxBlockBytes || offset > file.Length || length + TrailerBytes > file.Length - offset)
            throw WeightErrors.Damaged(file.Path, "a block of it would lie outside of it");
        var block = new byte[length + TrailerBytes];
        file.ReadExactly(offset, block);
        var trailer = block.AsSpan((int)length);
        // The checksum is of the contents and the type.
        if (Crc32C.Masked(block.AsSpan(0, (int)length + 1)) != BinaryPrimitives.ReadUInt32LittleEndian(trailer[1..]))
            throw WeightErrors.Damaged(file.Path, "a block of it does not have its checksum");
        return trailer[0] switch
        {
            0 => block[..(int)length],
            1 => throw WeightErrors.Unusable(file.Path, "its blocks are compressed with Snappy",
            "save the checkpoint with TensorFlow's own writer, which does not compress"),
            _ => throw WeightErrors.Damaged(file.Path, $"its blocks are of the unknown type {trailer[0]}"),
        };
    }
}
