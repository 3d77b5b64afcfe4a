using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>
/// Lists of images as CSV or JSON: a file; or in a folder a list for each part (<c>train.csv</c> with <c>val.csv</c> and <c>test.csv</c>,
/// or <c>train/_classes.csv</c> and its like), or one list of all (<c>labels.csv</c>, <c>_classes.csv</c>, <c>metadata.csv</c>). Its
/// columns are images, labels or one column for each class, and parts: see <see cref="ListColumns"/>. Paths are relative to the list's
/// folder; see <see cref="ListedFiles"/>.
/// </summary>
internal sealed class ImageLists : IDatasetFormat
{
    private static readonly string[] Endings = [".csv", ".tsv", ".jsonl", ".json"];

    // A text beside images may be anything; one that is given is a list.
    private const string GivenEnding = ".txt";

    // Roboflow's and the Hugging Face hub's, and what people call them.
    private static readonly string[] Names = ["labels", "_classes", "metadata"];

    /// <summary>A list and the part that it is of; <see langword="null"/> where it says itself, or is of all.</summary>
    private readonly record struct PartList(string File, string? Part);

    /// <summary>A row that was understood.</summary>
    private readonly record struct Row(string Path, string? Label, string Part, PartList List);

    /// <summary>What a list says; its classes where it has a column for each of them.</summary>
    private sealed record Contents(List<Row> Rows, string[]? Classes);

    public DatasetParts? TryOpen(string path)
    {
        if (File.Exists(path))
        {
            return IsList(path) || path.EndsWith(GivenEnding, StringComparison.OrdinalIgnoreCase)
                ? Open(path, [new PartList(path, null)])
                : null;
        }

        PartList[] lists = [.. OfParts(path)];
        if (lists.Any(list => list.Part == PartNames.Train)) return Open(path, lists);
        return OfAll(path) is { } all ? Open(path, [new PartList(all, null)]) : null;
    }

    private static bool IsList(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<PartList> OfParts(string folder)
    {
        var entries = FolderListing.Visible(folder, FolderListing.OfFileSystem);
        var found = entries.Where(entry => !entry.IsFolder && IsList(entry.Name))
            .Select(entry => (entry.Name, Part: PartNames.OfName(Path.GetFileNameWithoutExtension(entry.Name))))
            .Concat(entries.Where(entry => entry.IsFolder)
                .Select(entry => (Name: Named(Path.Combine(folder, entry.Name)) is { } list ? $"{entry.Name}/{list}" : null,
                    Part: PartNames.OfName(entry.Name)))
                .Where(pair => pair.Name is not null).Select(pair => (Name: pair.Name!, pair.Part)))
            .Where(pair => pair.Part is not null);
        foreach (var group in found.GroupBy(pair => pair.Part!, StringComparer.Ordinal))
        {
            string[] names = [.. group.Select(pair => pair.Name)];
            if (names.Length > 1)
            {
                throw new InvalidInputException(
                    $"Expected one list of the part '{group.Key}' in '{folder}', found {NameList.Of(names)}. Keep one of them.");
            }

            yield return new PartList(Path.Combine(folder, names[0]), group.Key);
        }
    }

    // A list of a name that says so; or the only list, beside one folder of images at most.
    private static string? OfAll(string folder)
    {
        if (Named(folder) is { } named) return Path.Combine(folder, named);
        var entries = FolderListing.Visible(folder, FolderListing.OfFileSystem);
        string[] lists = [.. entries.Where(entry => !entry.IsFolder && IsList(entry.Name)).Select(entry => entry.Name)];
        string[] folders = [.. entries.Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        bool isAlone = folders switch
        {
            [] => entries.Any(entry => ImageFiles.IsImage(entry.Name)),
            [var images] => FolderLayout.IsWrapper(images) || PartNames.OfName(images) is not null,
            _ => FolderLayout.ArePieces(folders),
        };
        return lists.Length == 1 && isAlone ? Path.Combine(folder, lists[0]) : null;
    }

    private static string? Named(string folder) =>
        Names.SelectMany(name => Endings.Select(ending => name + ending)).FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));

    private static DatasetParts Open(string path, PartList[] lists)
    {
        var parts = new DatasetParts(lists.Any(list => JsonList.IsCalledSo(list.File)) ? "JSON list" : "CSV list", path);
        Contents[] contents = [.. lists.OrderBy(list => list.Part != PartNames.Train).Select(list => Read(list, parts))];
        Row[] rows = [.. contents.SelectMany(one => one.Rows)];
        if (rows.Length == 0) throw DatasetErrors.Damaged(path, "it lists no image");
        string source = NameList.Of([.. lists.Select(list => list.File)]);
        string[]? classes = ClassesOf(contents, source);
        LeaveOutUnlabelled(parts, ref rows, source);
        var labels = ClassLabels.Of([.. rows.Select(row => row.Label!).Distinct()], classes, source);
        parts.WarnOfSpellings(labels.Names);
        (parts.Train, parts.Validation, parts.Test) = (Part(PartNames.Train), Part(PartNames.Validation), Part(PartNames.Test));
        if (DatasetParts.MissingClasses([.. parts.All.Select(part => part.Images)]) is { } missing)
            parts.Warn($"No image of {source} has the class {missing}.");
        return parts;

        ListedDataset? Part(string name)
        {
            var found = rows.Where(row => row.Part == name).GroupBy(row => row.List).ToList();
            if (found.Count == 0) return null;
            // Lists of one part are one file, or one list of all parts.
            var list = found[0].Key;
            return ListedDataset.Open(
                parts, list.File, labels.Names, found[0].Select(row => new ListedImage(row.Path, labels.LabelOf(row.Label!))),
                FilesOf(list, name));
        }
    }

    private static ListedFiles FilesOf(PartList list, string? part) =>
        new(
            Path.GetDirectoryName(Path.GetFullPath(list.File))!, list.File, searches: true,
            part ?? PartNames.OfName(Path.GetFileNameWithoutExtension(list.File)));

    // Lists that have a column for each class have the same ones.
    private static string[]? ClassesOf(Contents[] contents, string source)
    {
        string[][] all = [.. contents.Select(one => one.Classes).OfType<string[]>()];
        return all.FirstOrDefault(one => !one.ToHashSet(StringComparer.Ordinal).SetEquals(all[0])) is not { } other
            ? all.FirstOrDefault()
            : throw new InvalidInputException(
                $"Expected the same classes in {source}, found {NameList.Of(all[0])} and {NameList.Of(other)}. Give the lists the same " +
                "columns.");
    }

    private static void LeaveOutUnlabelled(DatasetParts parts, ref Row[] rows, string source)
    {
        Row[] unlabelled = [.. rows.Where(row => row.Label is null)];
        // The images of a competition's test part have none, and that is as it should be.
        int expected = rows.GroupBy(row => row.Part).Where(part => part.Key == PartNames.Test && part.All(row => row.Label is null))
            .Sum(part => part.Count());
        if (2 * (unlabelled.Length - expected) > rows.Length - expected || unlabelled.Length == rows.Length)
        {
            throw new InvalidInputException(
                $"Expected labels in {source}, found {unlabelled.Length} of {NumberText.Counted(rows.Length, "image")} without one (" +
                $"{NameList.Of([.. unlabelled.Select(row => row.Path)])}). Name the column of the labels 'label' in the first line, or " +
                "add them.");
        }

        foreach (var row in unlabelled) parts.LeftOutItems.Add(LeftOutReason.Unlabelled, row.Path);
        rows = [.. rows.Where(row => row.Label is not null)];
    }

    private static Contents Read(PartList list, DatasetParts parts)
    {
        var files = FilesOf(list, list.Part);
        var table = ListTable.Read(list.File, files.Contains);
        var columns = ListColumns.Of(table, files.Contains);
        if (!columns.HasLabels && list.Part == PartNames.Test)
        {
            parts.Warn($"Left out '{list.File}': it has no labels.");
            return new Contents([], null);
        }

        var several = new List<string>();
        var reader = columns.Label < 0 ? null : LabelReader.Of(
            table.Column(columns.Label), $"the column '{table.NameOf(columns.Label)}' of '{list.File}'");
        var rows = new List<Row>();
        foreach (var row in table.Rows)
        {
            string path = ListTable.Cell(row, columns.Path);
            if (path.Length == 0) throw DatasetErrors.Damaged(list.File, $"its line {row.Line} names no image");
            string? label = reader is null ? ClassOf(table, columns, row, several) : reader.Read(ListTable.Cell(row, columns.Label));
            rows.Add(new Row(path, label, PartOf(table, columns, row) ?? list.Part ?? PartNames.Train, list));
        }

        return several.Count == 0
            ? new Contents(rows, columns.Classes.IsEmpty ? null : [.. columns.Classes.Select(table.NameOf)])
            : throw new InvalidInputException(
                $"Expected one class for each image in '{list.File}', found {NumberText.Counted(several.Count, "image")} with several " +
                $"({NameList.Of(several)}). Several classes of one image are not supported; leave one 1 in each row.");
    }

    // The column that has a 1.
    private static string? ClassOf(ListTable table, ListColumns columns, CsvRow row, List<string> several)
    {
        int[] ones = [.. columns.Classes.Where(column => OneHot.Read(ListTable.Cell(row, column)) == true)];
        if (ones.Length > 1)
            several.Add($"{ListTable.Cell(row, columns.Path)}: {string.Join(", ", ones.Select(table.NameOf))}");
        return ones.Length == 0 ? null : table.NameOf(ones[0]);
    }

    private static string? PartOf(ListTable table, ListColumns columns, CsvRow row)
    {
        if (columns.Split < 0) return null;
        string cell = ListTable.Cell(row, columns.Split);
        if (cell.Length == 0) return null;
        if (ColumnNames.Flag(table.NameOf(columns.Split)) is { } flag)
        {
            return OneHot.Read(cell) is { } isSo
                ? isSo ? flag.Part : flag.Other
                : throw DatasetErrors.Damaged(
                    table.File,
                    $"its line {row.Line} has {OneLine.Quote(cell)} in '{table.NameOf(columns.Split)}', expected true or false");
        }

        return PartNames.OfWord(cell) ?? throw DatasetErrors.Damaged(
            table.File, $"its line {row.Line} has the split {OneLine.Quote(cell)}, expected train, val or test");
    }
}
