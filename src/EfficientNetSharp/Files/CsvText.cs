using System.Text;

namespace EfficientNetSharp.Files;

/// <summary>A row of a text in columns.</summary>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Cells">Its cells.</param>
public readonly record struct CsvRow(int Line, string[] Cells);

/// <summary>
/// Rows of comma-separated values as RFC 4180 has them, which every spreadsheet and <c>csv</c> module reads back as they were.
/// </summary>
public static class CsvText
{
    private const char Blank = ' ';

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

    /// <summary>
    /// The rows of a text. Blanks around a cell that is not quoted, empty cells at a row's end, and empty lines mean nothing.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="separator">What stands between cells; a blank for any number of blanks.</param>
    /// <param name="firstLine">The number of its first line.</param>
    /// <param name="unclosed">Makes the exception about a quote that has no end, given the line where it begins.</param>
    public static IEnumerable<CsvRow> Rows(string text, char separator, int firstLine, Func<int, Exception> unclosed)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        int line = firstLine, began = firstLine, quoteBegan = 0;
        bool isQuoted = false, wasQuoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : '\n';
            if (isQuoted && i < text.Length)
            {
                if (c == '\n') line++;
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (isQuoted)
            {
                throw unclosed(quoteBegan);
            }
            else if (c == '"' && !wasQuoted && IsBlank(cell))
            {
                cell.Clear();
                (isQuoted, wasQuoted, quoteBegan) = (true, true, line);
            }
            else if (c == separator || c is '\n' or '\r')
            {
                if (separator != Blank || wasQuoted || cell.Length > 0) cells.Add(wasQuoted ? cell.ToString() : cell.ToString().Trim());
                cell.Clear();
                wasQuoted = false;
                if (c == separator) continue;
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
                line++;
                if (Trimmed(cells) is { Length: > 0 } row) yield return new CsvRow(began, row);
                cells.Clear();
                began = line;
            }
            // Behind the closing quote only blanks are usual.
            else if (!wasQuoted || !char.IsWhiteSpace(c))
            {
                cell.Append(c);
            }
        }
    }

    private static bool IsBlank(StringBuilder cell)
    {
        foreach (var chunk in cell.GetChunks())
        {
            if (!chunk.Span.IsWhiteSpace()) return false;
        }

        return true;
    }

    // Spreadsheets end rows with empty cells; a row of nothing else is none. The first cell that is left empty still counts as one.
    private static string[] Trimmed(List<string> cells)
    {
        int count = cells.Count;
        while (count > 0 && cells[count - 1].Length == 0) count--;
        return [.. cells.Take(count)];
    }
}
