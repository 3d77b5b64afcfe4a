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
        string shown = VisibleText.Of(text.Length <= max ? text : text[..max]);
        if (text.Length <= max && shown.Length <= max) return shown;
        // A hidden character is shown as several, so what is kept is counted as it is shown; never through a pair of surrogates.
        int end = 0, length = 0;
        while (end < text.Length)
        {
            int next = end + (char.IsHighSurrogate(text[end]) && end + 1 < text.Length && char.IsLowSurrogate(text[end + 1]) ? 2 : 1);
            length += VisibleText.Of(text[end..next]).Length;
            if (length > max) break;
            end = next;
        }

        return VisibleText.Of(text[..end]) + '…';
    }

    /// <summary>As <see cref="Clean"/>, between single quotes.</summary>
    public static string Quote(string text, int max = 80) => $"'{Clean(text, max)}'";
}
