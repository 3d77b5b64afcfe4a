namespace EfficientNetSharp.Files;

/// <summary>
/// Writes a file whole or not at all: under a temporary name in the same folder, flushed to disk, then renamed. A crash, a full
/// disk or an exception leaves the old file as it was.
/// </summary>
public static class AtomicFile
{
    // Model files are written in large pieces; small pieces (text reports) gain from a buffer of this size.
    private const int BufferBytes = 1 << 16;

    /// <summary>
    /// Refuses a path that <see cref="Write"/> would refuse, before the work whose result it is to hold. Nothing is made or changed.
    /// </summary>
    /// <inheritdoc cref="Write" path="/param[@name='path']" />
    /// <inheritdoc cref="Write" path="/exception[1]" />
    public static void EnsureWritable(string path) => Resolve(path);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace; a symbolic link is followed. Its folder must exist.</param>
    /// <param name="write">Writes the contents; it may close the stream.</param>
    /// <exception cref="InvalidInputException">
    /// The path is empty, a folder, a pipe or a disk, its folder does not exist, or it may not be written.
    /// </exception>
    /// <exception cref="WriteFailedException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string target = Resolve(path);
        string? temporary = null;
        try
        {
            if (IsStream(target))
            {
                using var device = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, BufferBytes);
                write(device);
                return;
            }

            string made = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetRandomFileName()}.tmp");
            using (var stream = new FileStream(made, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes))
            {
                temporary = made;
                write(stream);
            }

            KeepMode(target, made);
            FlushToDisk(made);
            File.Move(made, target, overwrite: true);
        }
        catch (Exception exception)
        {
            if (temporary is not null) Delete(temporary);
            if (exception is UnauthorizedAccessException) throw Refused(path, WriteFailedException.ReasonOf(exception), exception);
            // Of the argument 'value' .NET complains where a file grows beyond what its file system or a limit allows.
            if (exception is IOException or ArgumentOutOfRangeException { ParamName: "value" })
                throw new WriteFailedException(path, exception);
            throw;
        }
    }

    /// <summary>Writes a text file as UTF-8 without a byte-order mark.</summary>
    /// <inheritdoc cref="Write" path="/exception" />
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream =>
        {
            using var writer = new StreamWriter(stream);
            writer.Write(text);
        });
    }

    private static string Resolve(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new InvalidInputException("A file name is expected to write to, found none; name a file.");
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full)) throw Refused(path, "it is a folder; name a file in it");
        if (IsStream(full)) return full;
        full = FollowLink(path, full);
        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder)) throw Refused(path, $"the folder '{folder}' does not exist; make it first");
        var entry = FileEntry.At(full);
        if (entry.Problem is { } problem) throw Refused(path, $"{problem}; choose another");
        if (entry.IsSpecial) throw Refused(path, $"it is {entry.Description}; name a file");
        if (!FileStatus.MayWrite(folder)) throw Refused(path, "no permission; choose another folder or change the rights of this one");
        // A rename would replace it all the same, but who took the right to write away wants to keep it.
        if (entry.Kind == FileKind.File && !FileStatus.MayWrite(full))
            throw Refused(path, "it is read-only; name another file or change its rights");
        return full;
    }

    // A rename would replace a link by a file; the file it points to is meant.
    private static string FollowLink(string path, string full)
    {
        try
        {
            return new FileInfo(full) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : full;
        }
        catch (IOException e)
        {
            throw Refused(path, "its symbolic link leads nowhere; name another file", e);
        }
    }

    // A rename would put a file in a device's place, which for /dev/null breaks the whole machine. /dev/stdout and its like are files and
    // pipes that are open already; /dev/shm is an ordinary folder in memory.
    private static bool IsStream(string target) => FileEntry.At(target).Kind switch
    {
        FileKind.Device => true,
        FileKind.Pipe or FileKind.File => target.StartsWith("/proc/", StringComparison.Ordinal)
            || (target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal)),
        _ => false,
    };

    // A renamed file has the rights of a new one; those of the file it replaces were chosen.
    private static void KeepMode(string target, string temporary)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(target)) File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
    }

    private static void FlushToDisk(string temporary)
    {
        using var handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    // The failure that led here matters more than a temporary file that stays.
    private static void Delete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static InvalidInputException Refused(string path, string why, Exception? inner = null) =>
        new($"Cannot write '{path}': {why}.", inner!);
}
