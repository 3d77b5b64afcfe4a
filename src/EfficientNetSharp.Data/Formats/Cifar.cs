using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Shards;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// CIFAR-10 and CIFAR-100 (A. Krizhevsky) in the binary version and in the Python version. Images are 32×32 pixels as planes of
/// red, green and blue; both versions give the same images under the same names. CIFAR-100 has its 100 fine classes.
/// </summary>
internal sealed class Cifar : IDatasetFormat
{
    private const int Side = 32, ImageBytes = 3 * Side * Side;

    private static readonly string[] Ten = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"];

    public DatasetParts? TryOpen(string path)
    {
        if (DatasetFiles.Find(path, ["cifar-10-batches-bin"], "batches.meta.txt", "test_batch.bin") is { } binaryTen)
        {
            return Open(
                "CIFAR-10, binary version", binaryTen, PublishedDatasets.Cifar10, ReadNames(binaryTen, "batches.meta.txt"),
                ReadBinary(labelBytes: 1), [.. Ten.Select(name => $"{name}.bin")], ["test_batch.bin"]);
        }

        if (DatasetFiles.Find(path, ["cifar-100-binary"], "fine_label_names.txt", "train.bin", "test.bin") is { } binaryHundred)
        {
            return Open(
                "CIFAR-100, binary version", binaryHundred, PublishedDatasets.Cifar100, ReadNames(binaryHundred, "fine_label_names.txt"),
                ReadBinary(labelBytes: 2), ["train.bin"], ["test.bin"]);
        }
        if (DatasetFiles.Find(path, ["cifar-10-batches-py"], "batches.meta", "test_batch") is { } pythonTen)
        {
            return Open(
                "CIFAR-10, Python version", pythonTen, PublishedDatasets.Cifar10,
                CifarPickle.ReadNames(Path.Combine(pythonTen, "batches.meta"), "label_names"),
                (file, classes) => CifarPickle.ReadBatch(file, "labels", ImageBytes, classes), Ten, ["test_batch"]);
        }

        return DatasetFiles.Find(path, ["cifar-100-python"], "meta", "train", "test") is { } pythonHundred
            ? Open(
                "CIFAR-100, Python version", pythonHundred, PublishedDatasets.Cifar100,
                CifarPickle.ReadNames(Path.Combine(pythonHundred, "meta"), "fine_label_names"),
                (file, classes) => CifarPickle.ReadBatch(file, "fine_labels", ImageBytes, classes), ["train"], ["test"])
            : null;
    }

    private static DatasetParts Open(
        string format, string root, PublishedDataset published, ImmutableArray<string> classes, Func<InputFile, int, ShardRecord[]> read,
        string[] train, string[] test)
    {
        var parts = new DatasetParts(format, root) { Published = published };
        string[] present = [.. train.Where(name => File.Exists(Path.Combine(root, name)))];
        if (present.Length == 0)
            throw new InvalidInputException($"Expected '{train[0]}' in '{root}' ({format}), found none. Unpack the archive again.");
        if (present.Length < train.Length)
            parts.Warn($"Of the {train.Length} training files of {format} in '{root}' only {present.Length} are there.");
        parts.Train = Make(present);
        parts.Test = Make(test);
        return parts.CheckSizes();

        Images Make(string[] names)
        {
            string[] paths = [.. names.Select(name => Path.Combine(root, name))];
            return new Images(classes, paths, [.. paths.Select(path =>
            {
                using var file = InputFile.Open(path);
                return read(file, classes.Length);
            })]);
        }
    }

    // A record is the label's bytes, of which the last is the fine class, and the pixels.
    private static Func<InputFile, int, ShardRecord[]> ReadBinary(int labelBytes) => (file, classes) =>
    {
        int recordBytes = labelBytes + ImageBytes;
        if (file.Length == 0 || file.Length % recordBytes != 0)
            throw DatasetErrors.Damaged(file.Path, $"it has {file.Length} bytes, which is no whole number of records of {recordBytes}");
        var records = new ShardRecord[file.Length / recordBytes];
        var label = new byte[labelBytes];
        for (int i = 0; i < records.Length; i++)
        {
            file.ReadExactly((long)i * recordBytes, label);
            records[i] = new ShardRecord(
                ((long)i * recordBytes) + labelBytes, ImageBytes, DatasetFiles.Label(file.Path, label[^1], classes, first: 0));
        }

        return records;
    };

    private static ImmutableArray<string> ReadNames(string root, string name) => [.. DatasetFiles.ReadLines(Path.Combine(root, name))];

    /// <summary>Images of one part. Their names are equal in both versions: the batch and the place in it.</summary>
    private sealed class Images(ImmutableArray<string> classes, string[] paths, IReadOnlyList<ShardRecord[]> records)
        : ShardedDataset(classes, paths, records)
    {
        public override string NameOf(int index) => $"{Path.GetFileNameWithoutExtension(paths[ShardOf(index)])}/{PlaceOf(index)}";

        public override long SizeOf(int index)
        {
            CheckIndex(index);
            return RawPixels.SizeOf(Side);
        }

        protected override void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer)
        {
            Span<byte> planes = stackalloc byte[ImageBytes];
            file.ReadExactly(record.Offset, planes);
            RawPixels.WritePlanes(planes, Side, buffer);
        }
    }
}
