namespace EfficientNetSharp.Files;

/// <summary>Folders that results go to.</summary>
public static class OutputFolder
{
    /// <summary>
    /// Refuses a folder that cannot be made or written to, before the work whose results it is to hold. Nothing is made or changed.
    /// </summary>
    /// <param name="path">The folder; it and those above it may be missing.</param>
    /// <exception cref="InvalidInputException">Something else has its name, or it may not be made or written to.</exception>
    public static void EnsureWritable(string path)
    {
        string full = FullPath(path);
        string at = full;
        var entry = FileEntry.At(at);
        // The call that tells too long a name tells it of any length of the path.
        if (entry.Problem is { } problem) throw Refused(path, problem);
        while (entry.Kind == FileKind.Missing && Path.GetDirectoryName(at) is { } above)
        {
            // A link that leads nowhere is something, and no folder can be made in its place.
            if (new FileInfo(at).LinkTarget is not null) throw Refused(path, $"'{at}' is a symbolic link that leads nowhere");
            (at, entry) = (above, FileEntry.At(above));
        }

        if (entry.Kind != FileKind.Folder)
            throw Refused(path, at == full ? $"it is {entry.Description}" : $"'{at}' is {entry.Description}");
        if (!FileStatus.MayWrite(at)) throw Refused(path, at == full ? "no permission" : $"no permission to make it in '{at}'");
    }

    /// <summary>Makes a folder, and those above it, where they are missing.</summary>
    /// <exception cref="InvalidInputException">As <see cref="EnsureWritable"/>.</exception>
    /// <exception cref="WriteFailedException">Making it failed, for example because the disk is full.</exception>
    public static void Create(string path)
    {
        EnsureWritable(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WriteFailedException(path, e);
        }
    }

    private static string FullPath(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new InvalidInputException("A folder is expected to write to, found none; name a folder.");
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    private static InvalidInputException Refused(string path, string why) =>
        new($"Cannot write to the folder '{path}': {why}; name another folder.");
}
