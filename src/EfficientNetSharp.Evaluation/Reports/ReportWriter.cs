using EfficientNetSharp.Evaluation.Reports.Retrieval;
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
    /// <exception cref="InvalidInputException">The path is no place for a file, or may not be written.</exception>
    /// <exception cref="WriteFailedException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Write(path, report.ToHtml());
    }

    /// <inheritdoc cref="Write(string, EvaluationReport)" />
    public static void Write(string path, VerificationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Write(path, report.ToHtml());
    }

    /// <inheritdoc cref="Write(string, EvaluationReport)" />
    public static void Write(string path, RetrievalReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Write(path, report.ToHtml());
    }

    /// <summary>Writes a page that is made elsewhere, as the others are written.</summary>
    internal static void Write(string path, string html)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) OutputFolder.Create(folder);
        AtomicFile.WriteText(path, html);
    }
}
