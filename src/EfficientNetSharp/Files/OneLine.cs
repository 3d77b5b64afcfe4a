using System.Globalization;
using System.Text;

namespace EfficientNetSharp.Files;

/// <summary>Makes text out of files fit for a one-line message: no line breaks or control characters, no screenfuls.</summary>
public static class OneLine
{
    /// <summary>The text on one line, cut where it is long.</summary>
    /// <param name="text">Any text, for example a tensor's name out of a file that may be hostile.</param>
    /// <param name="max">Characters kept; what is cut shows as <c>…</c>.</param>
    public static string Clean(string text, int max = 80)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        var line = new StringBuilder(Math.Min(text.Length, max) + 1);
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, max)))
        {
            // Lone halves of surrogate pairs are covered too: a cut can leave one at the end.
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                line.Append(c);
        }

        return text.Length > max ? line.Append('…').ToString() : line.ToString();
    }

    /// <summary>As <see cref="Clean"/>, between single quotes.</summary>
    public static string Quote(string text, int max = 80) => $"'{Clean(text, max)}'";
}
