using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>A row of a list.</summary>
/// <param name="Line">The line of the file on which it begins, from 1.</param>
/// <param name="Cells">Its cells, without the blanks around them.</param>
internal readonly record struct ListRow(int Line, string[] Cells);

/// <summary>
/// Text in columns, as spreadsheets and programs write it: separated by comma, semicolon, tab or bar, quoted as RFC 4180 says (so that a
/// cell may hold separators and line breaks), in UTF-8 or UTF-16. Blanks around a cell and empty lines mean nothing.
/// </summary>
internal static class DelimitedText
{
    // A list of a million images has some 100 MB.
    private const int MaxBytes = 1 << 29;

    // So many rows tell how the columns are separated.
    private const int Sampled = 100;

    private const string Separators = "\t;|,";

    // Lists of older programs in .txt files have blanks between their columns, as many as look good.
    private const char Blank = ' ';

    /// <summary>The rows of a file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, is no text, or a quote has no end.</exception>
    public static List<ListRow> Read(string path)
    {
        string text = ReadText(path);
        // Excel's word for what separates the columns.
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[5] is '\r' or '\n')
            return [.. Rows(text[5..], text[4], path, firstLine: 1)];
        return [.. Rows(text, SeparatorOf(text, path), path, firstLine: 1)];
    }

    private static string ReadText(string path)
    {
        using var file = InputFile.Open(path);
        if (file.Length > MaxBytes)
            throw DatasetErrors.Unusable(path, $"it has {file.Length} bytes", "lists of images have less; check what it is");
        try
        {
            using var reader = new StreamReader(file.OpenStream(), EncodingOf(file), detectEncodingFromByteOrderMarks: true);
            string text = reader.ReadToEnd();
            if (text.Contains('\0', StringComparison.Ordinal))
                throw DatasetErrors.Unusable(path, "it is no text", "lists of images are; check what it is");
            return text;
        }
        catch (DecoderFallbackException e)
        {
            throw DatasetErrors.Unusable(path, "it is not in UTF-8", "save it in UTF-8, so that all names are read as they are", e);
        }
    }

    // A mark at the beginning wins. UTF-16 without one has zeros in every other byte of what is not Asian.
    private static Encoding EncodingOf(InputFile file)
    {
        Span<byte> start = stackalloc byte[64];
        start = start[..file.ReadAtMost(0, start)];
        int even = 0, odd = 0;
        for (int i = 0; i < start.Length; i++)
        {
            if (start[i] != 0) continue;
            if (i % 2 == 0) even++;
            else odd++;
        }

        int quarter = start.Length / 4;
        bool isLittle = even == 0 && odd > quarter, isBig = odd == 0 && even > quarter;
        return isLittle || isBig
            ? new UnicodeEncoding(bigEndian: isBig, byteOrderMark: false, throwOnInvalidBytes: true)
            : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    }

    // What gives all rows the same number of columns, two or more; of several, what shows an image's name in a cell of its own.
    private static char SeparatorOf(string text, string path)
    {
        char best = ',';
        (double Share, bool Names) score = (0, false);
        bool isPlain = path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
        foreach (char separator in isPlain ? Separators + Blank : Separators)
        {
            List<ListRow> rows;
            try
            {
                rows = [.. Rows(text, separator, path, firstLine: 1).Take(Sampled)];
            }
            catch (InvalidInputException)
            {
                // A quote is none where another character separates.
                continue;
            }

            if (rows.Count == 0) continue;
            int usual = rows.GroupBy(row => row.Cells.Length).MaxBy(group => (group.Count(), group.Key))!.Key;
            if (usual < 2) continue;
            bool names = rows.Exists(row => row.Cells.Any(cell => ImageFiles.IsImage(cell) && !cell.AsSpan().ContainsAny(Separators)));
            (double Share, bool Names) found = ((double)rows.Count(row => row.Cells.Length == usual) / rows.Count, names);
            if (found.CompareTo(score) > 0) (best, score) = (separator, found);
        }

        return best;
    }

    private static IEnumerable<ListRow> Rows(string text, char separator, string path, int firstLine)
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
                throw DatasetErrors.Damaged(path, $"a quote that begins in its line {quoteBegan} has no end");
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
                if (Trimmed(cells) is { Length: > 0 } row) yield return new ListRow(began, row);
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
