using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>Text in Markdown.</summary>
internal static class MarkdownText
{
    /// <summary>A table's cell: names of folders and files may hold what ends a cell or a row, or is markup.</summary>
    public static string Cell(string text) =>
        string.Concat(VisibleText.Of(text).Select(c => c is '|' or '\\' or '`' or '<' or '[' or '*' or '&' ? $"\\{c}" : $"{c}"));
}
