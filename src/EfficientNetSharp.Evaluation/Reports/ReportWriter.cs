using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>Writes reports to files.</summary>
public static class ReportWriter
{
    /// <summary>
    /// Writes the report's page to a temporary file beside <paramref name="path"/>, then renames it: a crash leaves the old
    /// file or the new one. A missing folder is created.
    /// </summary>
    /// <param name="path">The file, usually <c>.html</c>.</param>
    /// <param name="report">What to write.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void Write(string path, EvaluationReport report)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(report);
        string html = report.ToHtml();
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            AtomicFile.WriteText(path, html);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(
                $"Expected a place where the report '{path}' can be written, found that it cannot ({exception.Message}); name another file.", exception);
        }
    }
}
