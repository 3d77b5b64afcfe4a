using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>What a TFRecord shard holds; a record's label is a position in the shard's labels.</summary>
/// <param name="Path">The file.</param>
/// <param name="Records">The labelled images.</param>
/// <param name="Labels">The labels that occur.</param>
/// <param name="Unlabelled">Names of images without a label.</param>
/// <param name="Unpacked">The records of a compressed shard; <see langword="null"/> where the file has them as they are.</param>
internal sealed record TfShard(string Path, ShardRecord[] Records, TfLabel[] Labels, string[] Unlabelled, InputFile? Unpacked)
{
    /// <summary>Lists a shard.</summary>
    /// <param name="path">The file.</param>
    /// <param name="declared">The feature that the set declares as its label, where it does.</param>
    /// <exception cref="InvalidInputException">It is damaged, or a record is no labelled image.</exception>
    public static TfShard Read(string path, string? declared)
    {
        using var file = InputFile.Open(path);
        var unpacked = CompressedRecords.Unpack(file);
        try
        {
            return List(unpacked ?? file, path, declared) with { Unpacked = unpacked };
        }
        catch
        {
            unpacked?.Dispose();
            throw;
        }
    }

    private static TfShard List(InputFile file, string path, string? declared)
    {
        var records = new List<ShardRecord>();
        var labels = new Dictionary<TfLabel, int>();
        var unlabelled = new List<string>();
        var header = new byte[RecordFraming.HeaderBytes];
        int number = 0;
        for (long at = 0; at < file.Length; number++)
        {
            file.ReadExactly(at, header);
            ulong length = RecordFraming.ReadLength(header)
                ?? throw DatasetErrors.Damaged(path, $"the length of its record {number} does not have its checksum");
            at += RecordFraming.HeaderBytes;
            if (length > (ulong)(file.Length - at) || length + RecordFraming.TrailerBytes > (ulong)(file.Length - at)
                || length > (ulong)Array.MaxLength)
                throw DatasetErrors.Damaged(path, $"it ends within its record {number}");
            var example = TfExample.Read(new ByteSource(new InputFileStream(file, at, (long)length), path, DatasetErrors.Kind));
            if (number == 0) CheckImage(file, path, at, example);
            if (LabelOf(example, declared, path, number) is { } label)
            {
                if (!labels.TryGetValue(label, out int position)) labels.Add(label, position = labels.Count);
                records.Add(new ShardRecord(at, (int)length, position));
            }
            else
            {
                unlabelled.Add(FormattableString.Invariant($"{System.IO.Path.GetFileName(path)}/{number}"));
            }

            at += (long)length + RecordFraming.TrailerBytes;
        }

        return new TfShard(path, [.. records], [.. labels.Keys], [.. unlabelled], null);
    }

    private static TfLabel? LabelOf(TfExample example, string? declared, string path, int number)
    {
        try
        {
            return TfKeys.LabelOf(example, declared);
        }
        catch (InvalidInputException several)
        {
            throw DatasetErrors.Unusable(path, $"its record {number} has {several.Message}", "keep one of them", several);
        }
    }

    // What the first record has, all have: a shard of something else is refused when it is opened, not image by image.
    private static void CheckImage(InputFile file, string path, long at, TfExample example)
    {
        if (TfKeys.ImageOf(example) is not var (start, length))
        {
            throw DatasetErrors.Unusable(
                path, $"its records have {NameList.Of([.. example.Names])} and no bytes of an image ('image/encoded' or 'image')",
                "write the images' files into one of these features");
        }

        Span<byte> first = stackalloc byte[32];
        first = first[..file.ReadAtMost(at + start, first[..(int)Math.Min(first.Length, length)])];
        if (TfKeys.WhyNoImage(first, length, TfKeys.ShapeOf(example, length)) is { } why)
            throw DatasetErrors.Unusable(path, $"its images are {why}", "write the images' files, or their shape beside the pixels");
    }
}
