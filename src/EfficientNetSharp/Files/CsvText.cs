namespace EfficientNetSharp.Files;

/// <summary>
/// Rows of comma-separated values as RFC 4180 has them, which every spreadsheet and <c>csv</c> module reads back as they were.
/// </summary>
public static class CsvText
{
    /// <summary>A row, without the end of its line.</summary>
    /// <param name="cells">The cells: any text; one with a line break goes over several lines, between quotes.</param>
    public static string Row(IEnumerable<string> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        return string.Join(',', cells.Select(Cell));
    }

    // Blanks at the ends are quoted, since readers differ on whether bare ones belong to the cell.
    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 && (text.Length == 0 || !(char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])))
            ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
