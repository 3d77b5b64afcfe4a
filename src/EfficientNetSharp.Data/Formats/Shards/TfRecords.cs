using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// TFRecord shards as EfficientNet's TPU code reads them: <c>train-00000-of-01024</c>, <c>validation-00000-of-00128</c>, each record
/// a <c>tf.Example</c> with <c>image/encoded</c> and <c>image/class/label</c>, which counts from 1 (0 is the background). Class names
/// are <c>image/class/synset</c> or <c>image/class/text</c> where the records have them.
/// </summary>
internal sealed class TfRecords : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string[] files = File.Exists(path) ? (IsShard(path) ? [path] : []) : [.. Directory.EnumerateFiles(path).Where(IsShard)];
        if (files.Length == 0) return null;
        var parts = new DatasetParts("TFRecord shards", path);
        if (ShardNames.MissingNote(files) is { } missing) parts.Warn(missing);
        var (train, validation, test) = ShardNames.ByPart(files);
        string[][] groups = [train, validation, test];
        var shards = groups.Select(group => ShardListing.ReadAll(group, TfShard.Read)).ToArray();
        var classes = TfClasses.Of([.. shards.SelectMany(group => group)], parts);
        TfRecordImages? Make(int group) => groups[group].Length == 0 ? null : new TfRecordImages(
            classes.Names, groups[group],
            [.. shards[group]
                .Select(shard => shard.Records.Select(record => record with { Label = record.Label - classes.First }).ToArray())]);
        (parts.Train, parts.Validation, parts.Test) = (Make(0), Make(1), Make(2));
        return parts;
    }

    private static bool IsShard(string file)
    {
        string name = Path.GetFileName(file);
        return name.EndsWith(".tfrecord", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".tfrecords", StringComparison.OrdinalIgnoreCase) || ShardNames.IsBareNumbered(name);
    }
}

/// <summary>What a TFRecord shard holds; labels as the file has them.</summary>
internal sealed record TfShard(ShardRecord[] Records, Dictionary<int, string> Names)
{
    public static TfShard Read(string path)
    {
        using var file = InputFile.Open(path);
        var records = new List<ShardRecord>();
        var names = new Dictionary<int, string>();
        var header = new byte[RecordFraming.HeaderBytes];
        for (long at = 0; at < file.Length;)
        {
            file.ReadExactly(at, header);
            ulong length = RecordFraming.ReadLength(header)
                ?? throw DatasetErrors.Damaged(path, $"the length of its record {records.Count} does not have its checksum");
            at += RecordFraming.HeaderBytes;
            if (length > (ulong)(file.Length - at) || length + RecordFraming.TrailerBytes > (ulong)(file.Length - at)
                || length > (ulong)Array.MaxLength)
                throw DatasetErrors.Damaged(path, $"it ends within its record {records.Count}");
            var example = TfExample.Read(new ByteSource(new InputFileStream(file, at, (long)length), path, DatasetErrors.Kind));
            if (example.Label is not { } label || label is < 0 or > int.MaxValue)
                throw DatasetErrors.Damaged(path, $"its record {records.Count} has no label '{TfExample.LabelKey}'");
            records.Add(new ShardRecord(at, (int)length, (int)label));
            if (example.Name is { } name) names.TryAdd((int)label, name);
            at += (long)length + RecordFraming.TrailerBytes;
        }

        return new TfShard([.. records], names);
    }
}

/// <summary>The class list of TFRecord shards.</summary>
/// <param name="First">The number of the first class: 1, or 0 where that comes.</param>
/// <param name="Names">The classes.</param>
internal sealed record TfClasses(int First, ImmutableArray<string> Names)
{
    public static TfClasses Of(IReadOnlyList<TfShard> shards, DatasetParts parts)
    {
        int lowest = int.MaxValue, highest = -1;
        var names = new Dictionary<int, string>();
        foreach (var shard in shards)
        {
            foreach (var record in shard.Records) (lowest, highest) = (Math.Min(lowest, record.Label), Math.Max(highest, record.Label));
            foreach (var (label, name) in shard.Names) names.TryAdd(label, name);
        }

        if (highest < 0)
        {
            throw new InvalidInputException(
                $"Expected images in the TFRecord shards of '{parts.Root}', found none. Fetch or make them again.");
        }
        int first = lowest == 0 ? 0 : 1;
        if (first == 0) parts.Warn("Labels count from 0 here; ImageNet's TFRecords count from 1.");
        return new TfClasses(
            first,
            [.. Enumerable.Range(first, highest - first + 1)
                .Select(label => names.TryGetValue(label, out string? name) ? name : label.ToString(CultureInfo.InvariantCulture))]);
    }
}

/// <summary>The images of TFRecord shards. The checksum of a record is checked when it is read.</summary>
internal sealed class TfRecordImages(ImmutableArray<string> classes, string[] paths, IReadOnlyList<ShardRecord[]> records)
    : ShardedDataset(classes, paths, records)
{
    protected override void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer)
    {
        var bytes = buffer.Resize(record.Length + RecordFraming.TrailerBytes);
        file.ReadExactly(record.Offset, bytes);
        if (!RecordFraming.HasItsChecksum(bytes))
        {
            throw new InvalidInputException(
                $"Expected an image in '{name}', but the record does not have its checksum. Fetch or make '{file.Path}' again.");
        }
        // Parsed once more rather than kept: two numbers per image for a million images, for what takes a microsecond.
        var place = TfExample.Read(new ByteSource(buffer.OpenStream(record.Length), file.Path, DatasetErrors.Kind)).Image
            ?? throw new InvalidInputException(
                $"Expected an image in '{name}', but the record has no '{TfExample.ImageKey}'. Fetch or make '{file.Path}' again.");
        bytes.Slice((int)place.Start, (int)place.Length).CopyTo(bytes);
        buffer.Truncate((int)place.Length);
    }
}
