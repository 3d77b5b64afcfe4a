using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Lists;

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
    public static List<CsvRow> Read(string path)
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
            List<CsvRow> rows;
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

    private static IEnumerable<CsvRow> Rows(string text, char separator, string path, int firstLine) => CsvText.Rows(
        text, separator, firstLine, line => DatasetErrors.Damaged(path, $"a quote that begins in its line {line} has no end"));
}
