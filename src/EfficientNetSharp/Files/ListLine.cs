using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EfficientNetSharp.Files;

/// <summary>
/// A name as a line of a text list, whatever it holds: most stand as they are; one that a line cannot hold is a JSON string in ASCII. A
/// line that begins with a double quote is such a string. So a list has as many lines as names, and each is read back as it was.
/// </summary>
public static class ListLine
{
    /// <summary>The line, without its end.</summary>
    /// <param name="name">Any text: line breaks, blanks at its ends and halves of surrogate pairs included.</param>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool asItIs = name is [not '"', ..] && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]) && VisibleText.IsPlain(name);
        if (asItIs) return name;
        var line = new StringBuilder(name.Length + 8).Append('"');
        foreach (char unit in name)
        {
            if (unit is '"' or '\\') line.Append('\\').Append(unit);
            else if (unit is >= ' ' and <= '~') line.Append(unit);
            else line.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
        }

        return line.Append('"').ToString();
    }

    /// <summary>The name that a line holds.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <exception cref="InvalidInputException">It begins with a quote and is no JSON string.</exception>
    public static string Read(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line is not ['"', ..]) return line;
        try
        {
            // A reader of texts would refuse halves of surrogate pairs; units are taken as they are written.
            using var whole = JsonDocument.Parse(line);
            return Unescaped(line.AsSpan(1, line.Length - 2));
        }
        catch (JsonException e)
        {
            throw new InvalidInputException(
                $"A line that begins with a quote is expected to be a JSON string, found {OneLine.Quote(line)}; correct it.", e);
        }
    }

    // Of a string that is known to be JSON.
    private static string Unescaped(ReadOnlySpan<char> text)
    {
        var name = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                name.Append(text[i]);
                continue;
            }

            char kind = text[++i];
            name.Append(kind switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => kind,
            });
            if (kind == 'u') i += 4;
        }

        return name.ToString();
    }
}
