using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// TFRecord shards as the common tools write them: <c>train-00000-of-01024</c>, <c>flowers-train.tfrecord-00000-of-00002</c>,
/// <c>*.tfrecord</c>, <c>*.tfrec</c>, <c>*.record</c>, in a folder or in one for each part, each record a <c>tf.Example</c> with an image
/// and a label (<see cref="TfKeys"/>), compressed as a whole or not. Class names are those beside the shards or in the records.
/// </summary>
internal sealed class TfRecords : IDatasetFormat
{
    private static readonly string[] Endings = [".tfrecord", ".tfrecords", ".tfrec", ".tfr", ".record"];

    public DatasetParts? TryOpen(string path)
    {
        var (train, validation, test) = Files(path);
        string[] files = [.. train, .. validation, .. test];
        if (files.Length == 0) return null;
        var parts = new DatasetParts("TFRecord shards", path);
        if (ShardNames.MissingNote(files) is { } missing) parts.Warn(missing);
        var folders = files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!);
        var beside = TfNames.Read(Directory.Exists(path) ? folders.Append(Path.GetFullPath(path)) : folders);
        string[][] groups = [train, validation, test];
        var shards = groups.Select(group => ShardListing.ReadAll(group, file => TfShard.Read(file, beside.Label))).ToArray();
        var all = shards.SelectMany(group => group).ToArray();
        // TensorFlow Datasets mark images without a label by -1.
        TfLabel[] used = [.. all.SelectMany(shard => shard.Labels).Distinct().Where(label => !IsNone(label))];
        if (used.Length == 0)
        {
            throw new InvalidInputException(
                $"Expected labelled images in the TFRecord shards of '{path}', found none: {all.Sum(shard => shard.Unlabelled.Length)} " +
                $"records without a label ('{TfKeys.BuilderLabel}', 'label' or 'class'). Fetch or make them again.");
        }

        var classes = TfClasses.Of(used, beside, parts);
        (parts.Train, parts.Validation, parts.Test) = (Make(0, PartNames.Train), Make(1, PartNames.Validation), Make(2, PartNames.Test));
        if (DatasetParts.MissingClasses([.. parts.All.Select(part => part.Images)]) is { } without)
            parts.Warn($"No image of '{path}' has the class {without}.");
        return parts;

        TfRecordImages? Make(int group, string part)
        {
            var records = shards[group].Select(shard => shard.Records.Where(record => !IsNone(shard.Labels[record.Label]))
                .Select(record => record with { Label = classes.PositionOf(shard.Labels[record.Label]) }).ToArray()).ToArray();
            foreach (string name in shards[group].SelectMany(Unlabelled)) parts.LeftOutItems.Add(LeftOutReason.Unlabelled, name);
            if (records.Sum(shard => shard.Length) > 0) return new TfRecordImages(classes.Names, shards[group], records);
            if (groups[group].Length > 0) parts.Warn($"Left out the part '{part}' of '{path}': its images have no labels.");
            return null;
        }
    }

    private static bool IsNone(TfLabel label) => label.Number == -1;

    private static IEnumerable<string> Unlabelled(TfShard shard) => shard.Unlabelled.Concat(shard.Records.Index()
        .Where(record => IsNone(shard.Labels[record.Item.Label])).Select(record => $"{Path.GetFileName(shard.Path)}/{record.Index}"));

    // Shards in the folder by the words of their names, or in a folder for each part.
    private static (string[] Train, string[] Validation, string[] Test) Files(string path)
    {
        if (File.Exists(path)) return ShardNames.ByPart(IsShard(path) ? [path] : []);
        string[] direct = [.. Directory.EnumerateFiles(path).Where(IsShard)];
        if (direct.Length > 0) return ShardNames.ByPart(direct);
        var folders = FolderListing.Visible(path, FolderListing.OfFileSystem).Where(entry => entry.IsFolder)
            .ToLookup(entry => PartNames.OfName(entry.Name) ?? "", entry => entry.Name);
        string[] Of(string part) =>
        [
            .. folders[part].SelectMany(name => Directory.EnumerateFiles(Path.Combine(path, name)).Where(IsShard))
                .Order(CodePointOrder.Instance),
        ];
        return (Of(PartNames.Train), Of(PartNames.Validation), Of(PartNames.Test));
    }

    private static bool IsShard(string file)
    {
        string name = Path.GetFileName(file);
        if (SystemNames.Contains(name)) return false;
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || ShardNames.IsBareNumbered(name);
    }
}

/// <summary>The images of TFRecord shards. The checksum of a record is checked when it is read.</summary>
internal sealed class TfRecordImages(ImmutableArray<string> classes, TfShard[] shards, IReadOnlyList<ShardRecord[]> records)
    : ShardedDataset(classes, [.. shards.Select(shard => shard.Path)], records)
{
    protected override InputFile OpenShard(int shard) => shards[shard].Unpacked ?? base.OpenShard(shard);

    protected override void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer)
    {
        var bytes = buffer.Resize(record.Length + RecordFraming.TrailerBytes);
        file.ReadExactly(record.Offset, bytes);
        if (!RecordFraming.HasItsChecksum(bytes))
        {
            throw new InvalidInputException(
                $"Expected an image in '{name}', but the record does not have its checksum. Fetch or make its shard again.");
        }
        // Parsed once more rather than kept: two numbers per image for a million images, for what takes a microsecond.
        var example = TfExample.Read(new ByteSource(buffer.OpenStream(record.Length), name, DatasetErrors.Kind));
        if (TfKeys.ImageOf(example) is not var (start, length))
        {
            throw new InvalidInputException(
                $"Expected an image in '{name}', but the record has none. Fetch or make its shard again.");
        }

        var image = bytes.Slice((int)start, (int)length);
        var shape = TfKeys.ShapeOf(example, length);
        if (TfKeys.WhyNoImage(image, length, shape) is { } why)
            throw new InvalidInputException($"Expected an image in '{name}', found {why}. Fetch or make its shard again.");
        if (!TfKeys.IsFile(image, length, shape) && shape is var (height, width, depth))
        {
            RawPixels.WriteRows(image.ToArray(), height, width, depth, buffer);
            return;
        }

        image.CopyTo(bytes);
        buffer.Truncate((int)length);
    }
}
