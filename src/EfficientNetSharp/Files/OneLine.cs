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
        if (text.Length <= max) return VisibleText.Of(text);
        // Not through a pair of surrogates.
        int end = char.IsHighSurrogate(text[max - 1]) && char.IsLowSurrogate(text[max]) ? max - 1 : max;
        return VisibleText.Of(text[..end]) + '…';
    }

    /// <summary>As <see cref="Clean"/>, between single quotes.</summary>
    public static string Quote(string text, int max = 80) => $"'{Clean(text, max)}'";
}
