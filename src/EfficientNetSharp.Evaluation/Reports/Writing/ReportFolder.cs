using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>Writes the files of a report to a folder.</summary>
internal static class ReportFolder
{
    /// <summary>Writes each file whole or not at all; a missing folder is created.</summary>
    /// <returns>The files' paths, in order.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public static ImmutableArray<string> Write(string folder, params ReadOnlySpan<(string Name, string Text)> files)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var written = ImmutableArray.CreateBuilder<string>(files.Length);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in files)
            {
                written.Add(Path.Combine(folder, name));
                AtomicFile.WriteText(written[^1], text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(
                $"Expected a folder that can be written, found that '{folder}' cannot ({OneLine.Clean(e.Message, 200)}); name another.", e);
        }

        return written.ToImmutable();
    }
}
