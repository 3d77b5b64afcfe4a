using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>
/// Writes elements of HTML and SVG that are also well-formed XML. Everything that passes through is escaped, except <see cref="Raw"/>.
/// </summary>
internal sealed class MarkupWriter
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Opens an element; disposing the result closes it.</summary>
    public Scope Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        _text.Append('>');
        _open.Push(tag);
        return new Scope(this);
    }

    /// <summary>Writes an element that holds text.</summary>
    public void Element(string tag, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        _text.Append('>');
        Escape(text);
        _text.Append("</").Append(tag).Append('>');
    }

    /// <summary>Writes an element without contents.</summary>
    public void Empty(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        _text.Append("/>");
    }

    /// <summary>Writes text.</summary>
    public void Text(string text) => Escape(text);

    /// <summary>Writes markup as it is; never for anything that a person or a file named.</summary>
    public void Raw(string markup) => _text.Append(markup);

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    private void Start(string tag, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            _text.Append(' ').Append(name).Append("=\"");
            Escape(value);
            _text.Append('"');
        }
    }

    private void Close() => _text.Append("</").Append(_open.Pop()).Append(">\n");

    private void Escape(string text)
    {
        // Runes, because a lone half of a surrogate pair comes out as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '<': _text.Append("&lt;"); break;
                case '>': _text.Append("&gt;"); break;
                case '&': _text.Append("&amp;"); break;
                case '"': _text.Append("&quot;"); break;
                case '\'': _text.Append("&#39;"); break;
                // XML 1.0 (section 2.2) has no way to write these, not even escaped.
                case < ' ' and not ('\t' or '\n' or '\r') or 0xFFFE or 0xFFFF: _text.Append('\uFFFD'); break;
                // A page keeps its lines and their directions; what a name would turn around or break is shown by its code.
                case var _ when VisibleText.IsHidden(rune): _text.Append(VisibleText.Of(rune.ToString())); break;
                default: _text.Append(rune); break;
            }
        }
    }

    /// <summary>An open element.</summary>
    public readonly struct Scope(MarkupWriter writer) : IDisposable
    {
        /// <summary>Closes the element.</summary>
        public void Dispose() => writer.Close();
    }
}
