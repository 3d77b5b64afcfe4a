using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli;

/// <summary>
/// The way to a terminal: names of files, classes and layers come out of files that others made, and what they hold is shown rather than
/// acted upon. A line that is written as one stays one; in other texts line breaks are the tool's own.
/// </summary>
/// <param name="inner">Where the text goes.</param>
/// <param name="failed">Called when it cannot be written.</param>
internal sealed class VisibleWriter(TextWriter inner, Action<IOException> failed) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (value == '\n' || char.IsSurrogate(value)) Try(() => inner.Write(value));
        else Write(value.ToString());
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void Write(string? value)
    {
        // The tool's own lines end as the system's do.
        string text = string.Join(inner.NewLine, (value ?? "").Split('\n').Select(line => VisibleText.Of(line.TrimEnd('\r'))));
        Try(() => inner.Write(text));
    }

    public override void WriteLine() => Try(inner.WriteLine);

    public override void WriteLine(string? value)
    {
        string line = VisibleText.Of(value ?? "");
        Try(() => inner.WriteLine(line));
    }

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(new string(buffer));

    /// <summary>Whether what it leads to shows colours.</summary>
    public bool HasColor { get; init; }

    /// <summary>Writes a text in a style, where there are colours; as all text otherwise.</summary>
    public void Write(string text, TextStyle style)
    {
        // Select Graphic Rendition (ECMA-48, 8.3.117).
        string? code = !HasColor ? null : style switch { TextStyle.Strong => "1", TextStyle.Good => "32", TextStyle.Bad => "31", _ => null };
        if (code is not null) Try(() => inner.Write($"\u001b[{code}m"));
        Write(text);
        if (code is not null) Try(() => inner.Write("\u001b[0m"));
    }

    /// <summary>Overwrites the line that a person watches.</summary>
    /// <param name="line">Its new text.</param>
    /// <param name="before">Characters that the line had.</param>
    /// <param name="width">Characters that it may have; what is more is cut off.</param>
    /// <returns>Characters that it has now.</returns>
    public int Overwrite(string line, int before, int width)
    {
        string text = VisibleText.Of(line);
        if (text.Length > width) text = text[..width];
        Try(() => inner.Write('\r' + text.PadRight(before)));
        return text.Length;
    }

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            failed(exception);
        }
    }
}
