namespace EfficientNetSharp.Files;

/// <summary>What kind of thing lies at a path.</summary>
public enum FileKind
{
    /// <summary>Nothing, or a symbolic link to nothing.</summary>
    Missing,

    /// <summary>A regular file, whose bytes can be read at any position.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A named pipe (FIFO): whoever opens it waits until another process opens its other end.</summary>
    Pipe,

    /// <summary>A character device such as <c>/dev/null</c> or a terminal, which may never end.</summary>
    Device,

    /// <summary>A block device: a disk or a part of one.</summary>
    Disk,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>Something that cannot be told, for the reason that <see cref="FileEntry.Problem"/> names.</summary>
    Unknown,
}

/// <summary>Which file something is, whatever it is called: the same for all its hard and symbolic links and spellings.</summary>
/// <param name="Volume">The file system's number.</param>
/// <param name="Index">The file's number within it (its inode).</param>
public readonly record struct FileIdentity(ulong Volume, ulong Index);

/// <summary>What lies at a path, links followed, found without opening it: opening a pipe waits, and opening a device acts.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Identity">Which file it is; <see langword="null"/> where nothing is, or the system does not tell.</param>
/// <param name="Problem">Why it cannot be told what it is; <see langword="null"/> where it can.</param>
public readonly record struct FileEntry(FileKind Kind, FileIdentity? Identity, string? Problem = null)
{
    /// <summary>Looks at a path.</summary>
    public static FileEntry At(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0 || path.Contains('\0')) return new FileEntry(FileKind.Missing, null);
        return FileStatus.Of(path) ?? Managed(path);
    }

    /// <summary>Refuses what would make a reader wait for ever, or has no end.</summary>
    /// <param name="path">A path to be read as a file; where nothing is, whoever opens it says so.</param>
    /// <exception cref="InvalidInputException">There is a pipe, a device or a socket.</exception>
    public static void EnsureReadable(string path)
    {
        if (At(path) is not { IsSpecial: true } entry) return;
        throw new InvalidInputException(
            $"Cannot read '{path}': it is {entry.Description}, not a regular file; copy its contents to one.");
    }

    /// <summary>The kind as a noun with its article.</summary>
    public string Description => Kind switch
    {
        FileKind.File => "a file",
        FileKind.Folder => "a folder",
        FileKind.Pipe => "a named pipe",
        FileKind.Device => "a device",
        FileKind.Disk => "a disk",
        FileKind.Socket => "a socket",
        FileKind.Missing => "nothing",
        _ => "unknown",
    };

    internal bool IsSpecial => Kind is FileKind.Pipe or FileKind.Device or FileKind.Disk or FileKind.Socket;

    // Where the system's own call is not known, .NET tells folders from the rest.
    private static FileEntry Managed(string path) =>
        new(Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.File : FileKind.Missing, null);
}
