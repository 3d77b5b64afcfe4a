using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Weights.Formats.TensorFlow;

/// <summary>
/// Reads a TensorFlow checkpoint of version 2 (tensor_bundle.h): an index, which is a <see cref="SortedTable"/> of
/// <see cref="CheckpointEntry"/>s, and data files. Checksums are verified. Texts and other non-numbers are left out.
/// </summary>
internal static class CheckpointReader
{
    // Checkpoints of one machine have one data file; those of the largest jobs have some hundreds.
    private const int MaxShards = 10_000;

    private const int ChunkBytes = 1 << 16;

    /// <summary>Reads the checkpoint whose files start with a prefix.</summary>
    public static WeightContents Read(string prefix)
    {
        var files = new DisposableGroup();
        try
        {
            var index = files.Add(InputFile.Open($"{prefix}.index"));
            var (shardCount, bigEndian, entries) = ReadIndex(index);
            var shards = new Dictionary<int, InputFile>();
            var tensors = ImmutableArray.CreateBuilder<SourceTensor>();
            foreach (var entry in entries)
            {
                if (entry.Type is not { } type) continue;
                if (entry.Shard < 0 || entry.Shard >= shardCount)
                    throw WeightErrors.Damaged(index.Path,
                        $"the tensor {OneLine.Quote(entry.Name)} would be in a data file {entry.Shard} of {shardCount}");
                if (!shards.TryGetValue(entry.Shard, out var shard))
                    shards.Add(entry.Shard,
                        shard = files.Add(InputFile.Open(
                        string.Create(CultureInfo.InvariantCulture, $"{prefix}.data-{entry.Shard:D5}-of-{shardCount:D5}"))));
                if (!entry.IsPartitioned) Check(index.Path, entry, type, shard);
                tensors.Add(new SourceTensor(entry.Name, entry.Shape, () => ReadValues(entry, type, shard, bigEndian)));
            }

            return new WeightContents(
                WeightFormat.TensorFlow, tensors.ToImmutable(), files, index.Length + shards.Values.Sum(shard => shard.Length));
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static (int Shards, bool BigEndian, List<CheckpointEntry> Entries) ReadIndex(InputFile index)
    {
        (int Shards, bool BigEndian)? header = null;
        var entries = new List<CheckpointEntry>();
        foreach (var (key, value) in SortedTable.Read(index))
        {
            if (key.Length == 0)
                header = ParseHeader(index.Path, value);
            // Parts of split variables have keys that start with a zero; the variable's own entry says that it is split.
            else if (key[0] != 0)
                entries.Add(CheckpointEntry.Parse(index.Path, Encoding.UTF8.GetString(key), value));
            if (entries.Count > WeightFile.MaxTensors) throw WeightErrors.Damaged(index.Path,
                $"it has over {WeightFile.MaxTensors} tensors");
        }

        var (shards, bigEndian) = header ?? throw WeightErrors.Damaged(index.Path, "it has no header");
        return (shards, bigEndian, entries);
    }

    // BundleHeaderProto: 1 the number of data files, 2 the byte order (1 is big).
    private static (int Shards, bool BigEndian) ParseHeader(string path, byte[] message)
    {
        ulong shards = 0, order = 0;
        foreach (var field in ProtoReader.ReadFields(new ByteSource(new MemoryStream(message), path, WeightErrors.Kind), 0, message.Length))
        {
            if (field.Number == 1) shards = field.Value;
            if (field.Number == 2) order = field.Value;
        }

        return shards is >= 1 and <= MaxShards && order <= 1
            ? ((int)shards, order == 1)
            : throw WeightErrors.Damaged(path, $"its header names {shards} data files and the byte order {order}");
    }

    private static void Check(string path, CheckpointEntry entry, ElementType type, InputFile shard)
    {
        long expected = StoredShape.Count(entry.Shape) * (type.BitCount() / 8);
        if (entry.Size != expected)
            throw WeightErrors.Damaged(path,
                $"the tensor {OneLine.Quote(entry.Name)} of shape [{string.Join(", ", entry.Shape)}] takes {expected} bytes, found {entry.Size}");
        if (entry.Offset < 0 || entry.Offset > shard.Length || entry.Size > shard.Length - entry.Offset)
            throw WeightErrors.Damaged(shard.Path, $"it ends before the tensor {OneLine.Quote(entry.Name)}");
    }

    private static float[] ReadValues(CheckpointEntry entry, ElementType type, InputFile shard, bool bigEndian)
    {
        if (entry.IsPartitioned)
            throw WeightErrors.Unusable(shard.Path, $"the variable {OneLine.Quote(entry.Name)} is split into parts",
                "save the checkpoint without a partitioner");
        CheckBytes(entry, shard);
        return Float32Reader.Read(shard, entry.Offset, StoredShape.Count(entry.Shape), type, bigEndian);
    }

    private static void CheckBytes(CheckpointEntry entry, InputFile shard)
    {
        var chunk = new byte[Math.Min(entry.Size, ChunkBytes)];
        uint checksum = 0;
        for (long at = 0; at < entry.Size; at += ChunkBytes)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, entry.Size - at));
            shard.ReadExactly(entry.Offset + at, part);
            checksum = Crc32C.Append(checksum, part);
        }

        if (Crc32C.Mask(checksum) != entry.Checksum)
            throw WeightErrors.Damaged(shard.Path, $"the tensor {OneLine.Quote(entry.Name)} does not have its checksum");
    }
}
