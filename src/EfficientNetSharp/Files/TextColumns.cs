namespace EfficientNetSharp.Files;

/// <summary>A CSV file of which the columns are known by name: what it lacks or has besides is an error.</summary>
internal sealed class TextColumns
{
    private TextColumns(List<Row> rows) => Rows = rows;

    /// <summary>The rows below the head.</summary>
    public IReadOnlyList<Row> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="maxBytes">The most bytes that such a file has.</param>
    /// <param name="required">Columns that it is to have, in any order.</param>
    /// <param name="optional">Columns that it may have besides.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or its columns are others; the message lists them.</exception>
    public static TextColumns Read(string path, int maxBytes, string[] required, string[] optional)
    {
        string text = InputFile.ReadAllText(path, maxBytes);
        var rows = CsvText.Rows(text, ',', firstLine: 1, line => new InvalidInputException(
            $"'{path}': a quote that begins in line {line} has no end; close it.")).ToList();
        string[] head = rows.Count == 0 ? [] : rows[0].Cells;
        string expected = $"a head with the columns {string.Join(", ", required)}"
            + (optional.Length == 0 ? "" : $", and perhaps {string.Join(", ", optional)}");
        foreach (string column in required)
        {
            if (!head.Contains(column)) throw Unfit($"no column '{column}'");
        }

        foreach (string column in head)
        {
            if (!required.Contains(column) && !optional.Contains(column)) throw Unfit($"the column {OneLine.Quote(column)}");
            if (head.Count(other => other == column) > 1) throw Unfit($"the column '{column}' twice");
        }

        foreach (var row in rows.Skip(1))
        {
            if (row.Cells.Length > head.Length)
                throw new InvalidInputException(
                    $"'{path}', line {row.Line}: {head.Length} cells are expected, found {row.Cells.Length}; put cells that hold a comma between quotes.");
        }

        return new TextColumns([.. rows.Skip(1).Select(row => new Row(row, head))]);

        InvalidInputException Unfit(string found) => new($"'{path}': expected {expected}; found {found}.");
    }

    /// <summary>A row, by the names of its columns.</summary>
    internal readonly struct Row(CsvRow row, string[] head)
    {
        /// <summary>The line on which it begins, from 1.</summary>
        public int Line => row.Line;

        /// <summary>The cell of a column; empty where the row or the file has none.</summary>
        public string this[string column] => Array.IndexOf(head, column) is >= 0 and var at && at < row.Cells.Length ? row.Cells[at] : "";
    }
}
