using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.RecordIo;

/// <summary>The images of a <c>.rec</c> file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Images">Where each image's record begins, its bytes, and its label.</param>
/// <param name="Remarks">What a person should know.</param>
internal sealed record RecordIoShard(string Path, (long Offset, int Length, int Label)[] Images, string[] Remarks)
{
    // float32 tells whole numbers apart up to here; labels beyond are rounded to their neighbours'.
    private const float MaxLabel = 1 << 24;

    // A line of an index has two numbers.
    private const int MaxShownLine = 64;

    /// <summary>
    /// Lists a file. Records without an image tell of others: insightface's first, whose labels say which keys are images (in float32, too
    /// coarse for large sets, so the records themselves decide), and one for each identity. Where an index lies beside the file, the images
    /// are those that it names.
    /// </summary>
    /// <exception cref="InvalidInputException">The file is damaged, or its index is another's.</exception>
    public static RecordIoShard Read(string path)
    {
        using var file = InputFile.Open(path);
        var images = new List<(long Offset, int Length, int Label)>();
        var remarks = new List<string>();
        string index = System.IO.Path.ChangeExtension(path, ".idx");
        var named = File.Exists(index) ? ReadIndex(index) : null;
        ImageRecord? first = null;
        int left = 0;
        for (long offset = 0; offset < file.Length;)
        {
            var (parts, next) = RecordIoFraming.Walk(file, offset);
            var record = ImageRecord.Read(file, offset, parts);
            if (offset == 0) first = record;
            bool isNamed = named?.Remove(offset) ?? true;
            if (record.ImageLength > 0 && isNamed) images.Add((offset, LengthOf(record, offset), LabelOf(record, offset)));
            else if (record.ImageLength > 0) left++;
            offset = next;
        }

        if (named is { Count: > 0 })
        {
            throw DatasetErrors.Damaged(
                index, $"a record begins at byte {named.Keys.Min()} by it, and none does in {OneLine.Quote(System.IO.Path.GetFileName(path))}");
        }

        if (left > 0) remarks.Add($"'{index}' does not name {NumberText.Counted(left, "image")} of '{path}'; they are left out.");
        if (first is { Flag: > 0, ImageLength: 0, Label: < MaxLabel } header && named is null && header.Label - 1 != images.Count)
            remarks.Add(FormattableString.Invariant($"'{path}' has {images.Count} images, its first record says {header.Label - 1}."));
        return new RecordIoShard(path, [.. images], [.. remarks]);

        int LengthOf(ImageRecord record, long offset) => record.ImageLength <= Array.MaxLength
            ? (int)record.ImageLength
            : throw DatasetErrors.Damaged(path, $"the image at byte {offset} has {record.ImageLength} bytes");

        int LabelOf(ImageRecord record, long offset)
        {
            if (record.Label >= 0 && record.Label < MaxLabel && record.Label == MathF.Floor(record.Label)) return (int)record.Label;
            throw DatasetErrors.Unusable(
                path, $"the image at byte {offset} has the label {NumberText.Of(record.Label)}", record.Label >= MaxLabel
                    ? "a label is a 32-bit float there, which tells classes apart up to 16777216; divide the set into several"
                    : "the number of a class is expected, from 0; write it again with such labels");
        }
    }

    private static Dictionary<long, long> ReadIndex(string path)
    {
        var keys = new Dictionary<long, long>();
        foreach (string line in DatasetFiles.ReadLines(path))
        {
            string[] cells = line.Split('\t', StringSplitOptions.TrimEntries);
            if (cells.Length != 2 || !NumberText.TryParseDigits(cells[0], out long key) || !NumberText.TryParseDigits(cells[1], out long offset))
            {
                throw DatasetErrors.Damaged(
                    path, $"the line {OneLine.Quote(OneLine.Clean(line, MaxShownLine))} stands where a key, a tab and a byte are expected");
            }

            if (!keys.TryAdd(offset, key)) throw DatasetErrors.Damaged(path, $"two of its keys begin at byte {offset}");
        }

        return keys;
    }
}
