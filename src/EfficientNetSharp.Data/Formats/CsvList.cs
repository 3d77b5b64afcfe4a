using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Lists of images as CSV: a file, or <c>train.csv</c> (with <c>val.csv</c>, <c>test.csv</c>) or <c>labels.csv</c> in a folder. The columns are
/// path, label and, if there, split (train, val, test); a header may name them in another order. Separated by comma, semicolon or tab,
/// quoted as RFC 4180 says. Paths are relative to the file.
/// </summary>
internal sealed class CsvList : IDatasetFormat
{
    private static readonly string[] Endings = [".csv", ".tsv"];
    private static readonly string[] PathNames = ["path", "image", "file", "filename", "filepath", "file_name", "image_path", "image_id"];
    private static readonly string[] LabelNames = ["label", "class", "target", "category", "class_name", "species"];
    private static readonly string[] SplitNames = ["split", "set", "subset", "partition"];

    private readonly record struct Row(string Path, string Label, string Part);

    public DatasetParts? TryOpen(string path, DatasetOptions options)
    {
        if (File.Exists(path)) return IsCsv(path) ? Open(path, [(path, null)]) : null;
        if (Find(path, "train") is { } train)
        {
            (string, string?)[] files = [(train, "train"), .. Other("val"), .. Other("valid"), .. Other("validation"), .. Other("test")];
            return Open(path, files);
        }

        return Find(path, "labels") is { } all ? Open(path, [(all, null)]) : null;

        IEnumerable<(string, string?)> Other(string name)
        {
            if (Find(path, name) is { } file) yield return (file, name == "test" ? "test" : "val");
        }
    }

    private static bool IsCsv(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string? Find(string folder, string name) =>
        Endings.Select(ending => Path.Combine(folder, name + ending)).FirstOrDefault(File.Exists);

    private static DatasetParts Open(string path, (string File, string? Part)[] files)
    {
        var parts = new DatasetParts("CSV list", path);
        string root = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        Row[] rows = [.. files.SelectMany(file => Read(file.File, file.Part))];
        var labels = ClassLabels.Of([.. rows.Select(row => row.Label).Distinct()], null);
        ListedDataset? Part(string name)
        {
            ListedImage[] images = [.. rows.Where(row => row.Part == name).Select(row => new ListedImage(row.Path, labels.LabelOf(row.Label)))];
            return images.Length == 0 ? null : ListedDataset.Open(parts, files[0].File, labels.Names, images, root);
        }

        (parts.Train, parts.Validation, parts.Test) = (Part("train"), Part("val"), Part("test"));
        if (!parts.All.Any()) throw DatasetErrors.Damaged(path, "it lists no image");
        return parts;
    }

    private static IEnumerable<Row> Read(string file, string? part)
    {
        string[] lines = [.. Layout.ReadLines(file)];
        if (lines.Length == 0) throw DatasetErrors.Damaged(file, "it is empty");
        char separator = SeparatorOf(lines[0]);
        string[] first = [.. CsvLine.Split(lines[0], separator, file)];
        // A header is a first line whose words are names of columns; else the first line names an image already.
        var (path, label, split) = (IndexOf(first, PathNames), IndexOf(first, LabelNames), IndexOf(first, SplitNames));
        bool hasHeader = path >= 0 || label >= 0 || !first.Any(ImageFiles.IsImage);
        if (path < 0) path = 0;
        if (label < 0) label = path == 0 ? 1 : 0;
        if (!hasHeader && first.Length > 2) split = 2;
        for (int i = hasHeader ? 1 : 0; i < lines.Length; i++)
        {
            string[] cells = [.. CsvLine.Split(lines[i], separator, file)];
            if (cells.Length <= Math.Max(path, label)) throw DatasetErrors.Damaged(file, $"its line {i + 1} has {cells.Length} columns, expected a path and a label");
            string said = split >= 0 && split < cells.Length ? PartOf(cells[split], file, i) : part ?? "train";
            yield return new Row(cells[path].Replace('\\', '/'), cells[label].Trim(), said);
        }
    }

    private static string PartOf(string text, string file, int line) => text.Trim().ToLowerInvariant() switch
    {
        "" or "train" or "training" => "train",
        "val" or "valid" or "validation" or "dev" => "val",
        "test" or "testing" => "test",
        _ => throw DatasetErrors.Damaged(file, $"its line {line + 1} has the split {Files.OneLine.Quote(text)}, expected train, val or test"),
    };

    private static int IndexOf(string[] header, string[] names) =>
        Array.FindIndex(header, cell => names.Contains(cell.Trim().ToLowerInvariant(), StringComparer.Ordinal));

    private static char SeparatorOf(string line) => line.Contains('\t', StringComparison.Ordinal) ? '\t' : line.Contains(';', StringComparison.Ordinal) && !line.Contains(',', StringComparison.Ordinal) ? ';' : ',';
}

/// <summary>Cells of a line of RFC 4180: quotes around a cell, doubled within it.</summary>
internal static class CsvLine
{
    public static IEnumerable<string> Split(string line, char separator, string file)
    {
        var cell = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                cell.Append('"');
                i++;
            }
            else if (c == '"' && (quoted || cell.Length == 0))
            {
                quoted = !quoted;
            }
            else if (c == separator && !quoted)
            {
                yield return cell.ToString();
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        if (quoted) throw DatasetErrors.Damaged(file, $"a quote in its line '{Files.OneLine.Clean(line)}' has no end");
        yield return cell.ToString();
    }
}
