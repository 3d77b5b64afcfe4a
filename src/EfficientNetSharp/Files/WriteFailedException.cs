namespace EfficientNetSharp.Files;

/// <summary>
/// A result could not be written: the disk is full, or gone, or the like. Its message is one line that names the path and says what to
/// do.
/// </summary>
public sealed class WriteFailedException : IOException
{
    /// <summary>Creates the exception for a file or folder.</summary>
    /// <param name="path">The path as given.</param>
    /// <param name="cause">What writing ended with.</param>
    public WriteFailedException(string path, Exception cause)
        : base($"Cannot write '{path}': {ReasonOf(cause)}.", cause) => Reason = ReasonOf(cause);

    /// <summary>Why, and what to do about it.</summary>
    public string Reason { get; }

    /// <summary>Why writing ended, and what to do about it, in words for people.</summary>
    public static string ReasonOf(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return cause switch
        {
            WriteFailedException known => known.Reason,
            UnauthorizedAccessException => "no permission; choose another folder or change the rights of this one",
            DirectoryNotFoundException or FileNotFoundException => "its folder is gone; make it again or name another",
            PathTooLongException => "its name is longer than the file system takes; choose a shorter one",
            // So .NET tells that a file has grown beyond what its file system or a limit allows (EFBIG).
            ArgumentOutOfRangeException => "no larger file is allowed there; choose another folder",
            // ENOSPC, EROFS, ENAMETOOLONG and EFBIG are 28, 30, 36 and 27 on Linux (36 is 63 on macOS), EDQUOT is 122 and 69; Windows has
            // ERROR_DISK_FULL 112 and ERROR_HANDLE_DISK_FULL 39.
            _ => (cause.HResult & 0xFFFF) switch
            {
                28 or 39 or 69 or 112 or 122 => "the disk is full; free some space or choose another folder",
                30 => "the disk is read-only; choose another folder",
                36 or 63 => "its name is longer than the file system takes; choose a shorter one",
                27 => "no larger file is allowed there; choose another folder",
                _ => $"{OneLine.Clean(cause.Message, 200).TrimEnd('.')}; choose another folder",
            },
        };
    }
}
