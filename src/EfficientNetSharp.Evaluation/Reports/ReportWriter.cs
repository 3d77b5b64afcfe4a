using System.Text;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>Puts reports into files.</summary>
public static class ReportWriter
{
    private static int _written;

    /// <summary>
    /// Writes the report's page to a temporary file beside <paramref name="path"/>, then renames it: a crash leaves the old
    /// file or the new one. A missing folder is made.
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
            WriteAtomically(Path.GetFullPath(path), html);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(
                $"Expected a place where the report '{path}' can be written, found that it cannot ({exception.Message}); name another file.", exception);
        }
    }

    private static void WriteAtomically(string path, string text)
    {
        string folder = Path.GetDirectoryName(path) ?? throw new IOException("the path is a root");
        Directory.CreateDirectory(folder);
        // Process and count keep writers of one file apart; the last to rename wins.
        string temporary = Path.Combine(
            folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.{Interlocked.Increment(ref _written)}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
