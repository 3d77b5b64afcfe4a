using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>
/// A download that is under way, <c>&lt;file&gt;.part</c>, and beside it (<c>.part.json</c>) what tells whether the server still has the
/// file that it is a part of.
/// </summary>
internal sealed class PartFile(string target)
{
    private readonly string _validatorPath = target + ".part.json";

    /// <summary>What identifies a version of a file on a server.</summary>
    /// <param name="Url">The address asked, before redirections.</param>
    /// <param name="ETag">The entity tag, strong; <see langword="null"/> if there is none.</param>
    /// <param name="LastModified">The date as the header has it; <see langword="null"/> if there is none.</param>
    internal sealed record Validator(string Url, string? ETag, string? LastModified)
    {
        /// <summary>What If-Range takes.</summary>
        internal string? IfRange => ETag ?? LastModified;
    }

    internal string Path { get; } = target + ".part";

    internal long Length => new FileInfo(Path) is { Exists: true } file ? file.Length : 0;

    /// <summary>What the part came with, if it came from this address and can be gone on with.</summary>
    internal Validator? ReadValidator(Uri url)
    {
        try
        {
            if (Length == 0) return null;
            var validator = JsonSerializer.Deserialize(File.ReadAllText(_validatorPath), PartFileJson.Default.Validator);
            return validator?.Url == url.AbsoluteUri && validator.IfRange is not null ? validator : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // Without it the part is of unknown origin, and the download starts anew.
            return null;
        }
    }

    internal void WriteValidator(Validator validator) =>
        AtomicFile.WriteText(_validatorPath, JsonSerializer.Serialize(validator, PartFileJson.Default.Validator));

    /// <summary>Opens the part for writing from a position on; what is behind it goes.</summary>
    internal FileStream OpenAt(long position)
    {
        var stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0, useAsync: true);
        stream.SetLength(position);
        stream.Position = position;
        return stream;
    }

    internal void Delete()
    {
        File.Delete(Path);
        File.Delete(_validatorPath);
    }

    /// <summary>Gives the finished part its own name.</summary>
    internal void Finish(string target)
    {
        using (var handle = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(handle);
        File.Move(Path, target, overwrite: true);
        File.Delete(_validatorPath);
    }
}
