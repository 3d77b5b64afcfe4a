using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>A list as rows of cells under the names of its columns, where it states them.</summary>
internal sealed class ListTable
{
    private ListTable(string file, string[]? header, List<CsvRow> rows)
    {
        (File, Header, Rows) = (file, header, rows);
        Width = Math.Max(header?.Length ?? 0, rows.Count == 0 ? 0 : rows.Max(row => row.Cells.Length));
    }

    /// <summary>The list's file.</summary>
    public string File { get; }

    /// <summary>The first line, where it names the columns.</summary>
    public string[]? Header { get; }

    /// <summary>The other rows.</summary>
    public List<CsvRow> Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    /// <summary>Reads a list and tells whether its first line names the columns or an image.</summary>
    /// <param name="file">A <c>.csv</c>, <c>.tsv</c>, <c>.txt</c>, <c>.json</c> or <c>.jsonl</c> file.</param>
    /// <param name="isImage">Whether an image is called so in this list.</param>
    /// <exception cref="InvalidInputException">It cannot be read or is empty, or a row has more cells than there are columns.</exception>
    public static ListTable Read(string file, Func<string, bool> isImage)
    {
        if (JsonList.IsCalledSo(file))
        {
            var (keys, entries) = JsonList.Read(file);
            return entries.Count > 0 ? new ListTable(file, keys, entries) : throw DatasetErrors.Damaged(file, "it is empty");
        }

        var rows = DelimitedText.Read(file);
        if (rows.Count == 0) throw DatasetErrors.Damaged(file, "it is empty");
        string[] first = rows[0].Cells;
        bool hasHeader = !first.Any(ImageFiles.IsImage) && (first.Any(ColumnNames.IsKnown) || !first.Any(isImage));
        if (!hasHeader) return new ListTable(file, null, rows);
        // Lists that were put together of several have it more than once.
        rows.RemoveAll(row => row.Cells.SequenceEqual(first));
        var table = new ListTable(file, first, rows);
        return rows.FirstOrDefault(row => row.Cells.Length > first.Length) is { Cells: { } cells, Line: var line }
            ? throw DatasetErrors.Damaged(
                file,
                $"its line {line} has {cells.Length} columns and its first line {first.Length}; a cell with a comma in it needs quotes")
            : table;
    }

    /// <summary>A cell; empty where the row ends before.</summary>
    public static string Cell(CsvRow row, int column) => column < row.Cells.Length ? row.Cells[column] : "";

    /// <summary>The cells of a column that are not empty.</summary>
    public IEnumerable<string> Column(int column) => Rows.Select(row => Cell(row, column)).Where(cell => cell.Length > 0);

    /// <summary>A column as messages call it.</summary>
    public string NameOf(int column) =>
        Header is not null && column < Header.Length && Header[column].Length > 0 ? Header[column] : $"column {column + 1}";
}
