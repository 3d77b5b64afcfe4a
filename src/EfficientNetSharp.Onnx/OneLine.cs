namespace EfficientNetSharp.Onnx;

/// <summary>Makes text out of files and libraries fit for a one-line message.</summary>
internal static class OneLine
{
    /// <summary>The text without line breaks and control characters, cut after <paramref name="most"/> characters.</summary>
    public static string Clean(string text, int most = 200)
    {
        string line = string.Concat(text.Take(most).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();
        return text.Length > most ? line + "…" : line;
    }
}
