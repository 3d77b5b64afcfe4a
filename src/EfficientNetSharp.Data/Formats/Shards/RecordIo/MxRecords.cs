using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.RecordIo;

/// <summary>
/// MXNet's RecordIO as <c>im2rec</c> and insightface write it: <c>train.rec</c>, with <c>train.idx</c> beside it or not. Labels are numbers;
/// a list beside the file (<c>train.lst</c>) names them by the folders of its paths, where each label has one, and <c>property</c> says how
/// many there are.
/// </summary>
internal sealed class MxRecords : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string[] files = File.Exists(path) ? (IsRecord(path) ? [path] : []) : [.. Directory.EnumerateFiles(path).Where(IsRecord)];
        if (files.Length == 0) return null;
        var (train, validation, test) = ShardNames.ByPart(files);
        string[][] groups = [train, validation, test];
        var shards = groups.Select(group => ShardListing.ReadAll(group, RecordIoShard.Read)).ToArray();
        var parts = new DatasetParts("RecordIO", path);
        foreach (string remark in shards.SelectMany(group => group).SelectMany(shard => shard.Remarks)) parts.Warn(remark);
        int[] used = [.. shards.SelectMany(group => group).SelectMany(shard => shard.Images.Select(image => image.Label)).Distinct().Order()];
        if (used.Length == 0)
        {
            throw new InvalidInputException(
                $"Expected images in the RecordIO files of '{path}', found none in {NumberText.Counted(files.Length, "file")}. Fetch or make them again.");
        }

        CheckProperty(File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path, used[^1]);
        var names = NamesOf(files, used);
        var classes = ClassLabels.Of(
            [.. used.Select(Text)], null, path);
        ImmutableArray<string> titles = names is null ? classes.Names
            : [.. classes.Names.Select(number => NumberText.TryParseDigits(number, out int label) && names.TryGetValue(label, out string? name) ? name : number)];
        (parts.Train, parts.Validation, parts.Test) = (Make(0), Make(1), Make(2));
        return parts;

        RecordIoImages? Make(int group) => groups[group].Length == 0 ? null : new RecordIoImages(
            titles, groups[group],
            [.. shards[group].Select(shard => shard.Images
                .Select(image => new ShardRecord(image.Offset, image.Length, classes.LabelOf(Text(image.Label)))).ToArray())]);
    }

    private static string Text(int label) => label.ToString(CultureInfo.InvariantCulture);

    private static bool IsRecord(string file) =>
        file.EndsWith(".rec", StringComparison.OrdinalIgnoreCase) && !SystemNames.Contains(Path.GetFileName(file));

    // Its first line: number of classes, height, width.
    private static void CheckProperty(string folder, int last)
    {
        string property = Path.Combine(folder, "property");
        if (!File.Exists(property)) return;
        string line = DatasetFiles.ReadLines(property).FirstOrDefault() ?? "";
        if (!NumberText.TryParseDigits(line.Split(',')[0], out int classes))
            throw DatasetErrors.Damaged(property, $"it begins with {OneLine.Quote(OneLine.Clean(line, 40))}, where the number of classes is expected");
        if (last >= classes)
            throw DatasetErrors.Damaged(property, $"it says {classes} classes, and an image beside it has the label {last}");
    }

    // By the lists beside the files: a label's name is the folder of its paths, if it is one and no other label's.
    private static Dictionary<int, string>? NamesOf(string[] files, int[] used)
    {
        var names = new Dictionary<int, string>();
        foreach (string list in files.Select(file => Path.ChangeExtension(file, ".lst")).Where(File.Exists))
        {
            foreach (string line in DatasetFiles.ReadLines(list))
            {
                string[] cells = line.Split('\t');
                if (cells.Length < 3 || !NumberText.TryParse(cells[1], out double label) || label != Math.Floor(label) || label is < 0 or > int.MaxValue)
                    return null;
                string folder = cells[^1].Replace('\\', '/');
                folder = folder.LastIndexOf('/') is > 0 and var end ? folder[..end] : "";
                if (folder.Length == 0 || (names.TryGetValue((int)label, out string? known) && known != folder)) return null;
                names[(int)label] = folder;
            }
        }

        bool isWhole = used.All(names.ContainsKey) && names.Values.Distinct(StringComparer.Ordinal).Count() == names.Count;
        return isWhole ? names : null;
    }
}

/// <summary>The images of RecordIO files.</summary>
internal sealed class RecordIoImages(ImmutableArray<string> classes, string[] paths, IReadOnlyList<ShardRecord[]> records)
    : ShardedDataset(classes, paths, records)
{
    protected override void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer)
    {
        // Walked once more rather than kept: most records have one part.
        var (parts, _) = RecordIoFraming.Walk(file, record.Offset);
        var header = ImageRecord.Read(file, record.Offset, parts);
        var image = buffer.Resize(record.Length);
        if (header.ImageLength != record.Length || RecordIoFraming.Read(file, parts, header.ImageStart, image) != record.Length)
            throw new InvalidInputException($"Expected the image '{name}' of {record.Length} bytes, found another: the file was changed. Open it again.");
    }
}
