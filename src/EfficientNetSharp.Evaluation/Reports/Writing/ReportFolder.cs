using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>Writes the files of a report to a folder.</summary>
internal static class ReportFolder
{
    /// <summary>Writes each file whole or not at all; a missing folder is created.</summary>
    /// <returns>The files' paths, in order.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it is no place to write to.</exception>
    /// <exception cref="WriteFailedException">Writing failed, for example because the disk is full.</exception>
    public static ImmutableArray<string> Write(string folder, params ReadOnlySpan<(string Name, string Text)> files)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var written = ImmutableArray.CreateBuilder<string>(files.Length);
        OutputFolder.Create(folder);
        foreach (var (name, text) in files)
        {
            written.Add(Path.Combine(folder, name));
            AtomicFile.WriteText(written[^1], text);
        }

        return written.ToImmutable();
    }
}
