using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Lists of images as CSV: a file, or <c>train.csv</c> (with <c>val.csv</c>, <c>test.csv</c>) or <c>labels.csv</c> in a folder. The columns
/// are path, label and, if there, split; files and splits are called as <see cref="PartNames"/> says. A header may name the columns in
/// another order. Separated by comma, semicolon or tab, quoted as RFC 4180 says. Paths are relative to the file.
/// </summary>
internal sealed class CsvList : IDatasetFormat
{
    private static readonly string[] Endings = [".csv", ".tsv"];
    private static readonly string[] PathNames = ["path", "image", "file", "filename", "filepath", "file_name", "image_path", "image_id"];
    private static readonly string[] LabelNames = ["label", "class", "target", "category", "class_name", "species"];
    private static readonly string[] SplitNames = ["split", "set", "subset", "partition"];

    private readonly record struct Row(string Path, string Label, string Part);

    public DatasetParts? TryOpen(string path)
    {
        if (File.Exists(path)) return IsCsv(path) ? Open(path, [(path, null)]) : null;
        if (FindPart(path, PartNames.Train) is { } train)
        {
            List<(string File, string? Part)> files = [(train, PartNames.Train)];
            if (FindPart(path, PartNames.Validation) is { } validation) files.Add((validation, PartNames.Validation));
            if (FindPart(path, PartNames.Test) is { } test) files.Add((test, PartNames.Test));
            return Open(path, [.. files]);
        }

        return Find(path, "labels") is { } all ? Open(path, [(all, null)]) : null;
    }

    private static bool IsCsv(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string? Find(string folder, string name) =>
        Endings.Select(ending => Path.Combine(folder, name + ending)).FirstOrDefault(File.Exists);

    private static string? FindPart(string folder, string part)
    {
        string[] found = [.. PartNames.WordsOf(part).Select(word => Find(folder, word)).OfType<string>()];
        if (found.Length < 2) return found.FirstOrDefault();
        throw new InvalidInputException(
            $"Expected one list of the part '{part}' in '{folder}', found " +
            $"{NameList.Of([.. found.Select(Path.GetFileName).OfType<string>()])}. " +
            "Keep one of them.");
    }

    private static DatasetParts Open(string path, (string File, string? Part)[] files)
    {
        var parts = new DatasetParts("CSV list", path);
        string root = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        Row[] rows = [.. files.SelectMany(file => Read(file.File, file.Part))];
        var labels = ClassLabels.Of([.. rows.Select(row => row.Label).Distinct()], null);
        ListedDataset? Part(string name)
        {
            ListedImage[] images =
                [.. rows.Where(row => row.Part == name).Select(row => new ListedImage(row.Path, labels.LabelOf(row.Label)))];
            return images.Length == 0 ? null : ListedDataset.Open(parts, files[0].File, labels.Names, images, root);
        }

        (parts.Train, parts.Validation, parts.Test) = (Part(PartNames.Train), Part(PartNames.Validation), Part(PartNames.Test));
        if (!parts.All.Any()) throw DatasetErrors.Damaged(path, "it lists no image");
        return parts;
    }

    private static IEnumerable<Row> Read(string file, string? part)
    {
        string[] lines = [.. DatasetFiles.ReadLines(file)];
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
            if (cells.Length <= Math.Max(path, label))
                throw DatasetErrors.Damaged(file, $"its line {i + 1} has {cells.Length} columns, expected a path and a label");
            string name = split >= 0 && split < cells.Length ? PartOf(cells[split], file, i) : part ?? PartNames.Train;
            yield return new Row(cells[path].Replace('\\', '/'), cells[label].Trim(), name);
        }
    }

    private static string PartOf(string text, string file, int line)
    {
        if (string.IsNullOrWhiteSpace(text)) return PartNames.Train;
        return PartNames.OfWord(text.Trim()) ?? throw DatasetErrors.Damaged(
            file, $"its line {line + 1} has the split {Files.OneLine.Quote(text)}, expected train, val or test");
    }

    private static int IndexOf(string[] header, string[] names) =>
        Array.FindIndex(header, cell => names.Contains(cell.Trim().ToLowerInvariant(), StringComparer.Ordinal));

    private static char SeparatorOf(string line) =>
        line.Contains('\t', StringComparison.Ordinal) ? '\t'
        : line.Contains(';', StringComparison.Ordinal) && !line.Contains(',', StringComparison.Ordinal) ? ';'
        : ',';
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
