using System.Buffers;
using System.Globalization;
using System.Text;

namespace EfficientNetSharp.Files;

/// <summary>
/// Shows characters that act instead of being seen: a name out of a file must not move a terminal's cursor, change its colours or title,
/// end a line, or turn around the text beside it. They become their code, as <c>\u001B</c>.
/// </summary>
public static class VisibleText
{
    // Most texts are plain, and these need no table to be known as such.
    private static readonly SearchValues<char> Ascii = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);

    /// <summary>Whether all characters are seen as they are.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        text = text[AsciiLength(text)..];
        while (Rune.DecodeFromUtf16(text, out var rune, out int length) == OperationStatus.Done)
        {
            if (IsHidden(rune)) return false;
            text = text[length..];
        }

        return text.IsEmpty;
    }

    /// <summary>The text with the code in place of each character that is not seen; such halves of surrogate pairs too.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The text itself where nothing has to change.</returns>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsPlain(text)) return text;
        var visible = new StringBuilder(text.Length + 16);
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            bool isRune = Rune.DecodeFromUtf16(rest, out var rune, out int length) == OperationStatus.Done;
            if (isRune && !IsHidden(rune)) visible.Append(rest[..length]);
            else foreach (char unit in rest[..length]) visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            rest = rest[length..];
        }

        return visible.ToString();
    }

    /// <summary>
    /// Whether a character acts or is not seen: controls, formatting (directions of writing, joiners, tags), and what separates lines.
    /// </summary>
    /// <param name="rune">The character.</param>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static int AsciiLength(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExcept(Ascii);
        return end < 0 ? text.Length : end;
    }
}
