namespace EfficientNetSharp.Files;

/// <summary>
/// Writes a file whole or not at all: under a temporary name in the same folder, flushed to disk, then renamed. A crash, a full
/// disk or an exception leaves the old file as it was.
/// </summary>
public static class AtomicFile
{
    // Model files are written in large pieces; small pieces (text reports) gain from a buffer of this size.
    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace; a symbolic link is followed. Its folder must exist.</param>
    /// <param name="write">Writes the contents; it may close the stream.</param>
    /// <exception cref="InvalidInputException">
    /// The path is empty or a folder, its folder does not exist, or it may not be written.
    /// </exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string target = Resolve(path);
        if (IsDevice(target))
        {
            using var device = Open(path, target, FileMode.Open);
            write(device);
            return;
        }

        string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetRandomFileName()}.tmp");
        var stream = Open(path, temporary, FileMode.CreateNew);
        try
        {
            using (stream) write(stream);
            KeepMode(target, temporary);
            FlushToDisk(temporary);
            Rename(path, temporary, target);
        }
        catch (ArgumentOutOfRangeException exception) when (exception.ParamName == "value")
        {
            // So .NET tells that a file has grown beyond what its file system or a limit allows (EFBIG): an error of the place, not of the
            // call.
            Delete(temporary);
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            Delete(temporary);
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
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
            throw new InvalidInputException($"Cannot write '{path}': it is a folder; name a file in it.");
        full = FollowLink(path, full);
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new InvalidInputException(
                $"Cannot write '{path}': the folder '{Path.GetDirectoryName(full)}' does not exist; make it first.");
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
            throw new InvalidInputException($"Cannot write '{path}': its symbolic link leads nowhere; name another file.", e);
        }
    }

    // A rename would put a file in a device's place, which for /dev/null breaks the whole machine. /dev/shm is an ordinary folder
    // in memory.
    private static bool IsDevice(string target) =>
        !OperatingSystem.IsWindows()
        && (target.StartsWith("/proc/", StringComparison.Ordinal)
            || (target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal)));

    private static FileStream Open(string path, string actual, FileMode mode)
    {
        try
        {
            return new FileStream(actual, mode, FileAccess.Write, FileShare.None, BufferBytes);
        }
        catch (UnauthorizedAccessException e)
        {
            throw NoPermission(path, e);
        }
    }

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

    private static void Rename(string path, string temporary, string target)
    {
        try
        {
            File.Move(temporary, target, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw NoPermission(path, e);
        }
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

    private static InvalidInputException NoPermission(string path, Exception inner) =>
        new($"Cannot write '{path}': no permission; choose another folder or change the rights of this one.", inner);
}
