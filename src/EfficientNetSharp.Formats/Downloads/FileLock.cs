namespace EfficientNetSharp.Formats.Downloads;

/// <summary>
/// Lets one process at a time do something, such as fetch a file. The lock is an open file, so that it goes with its process however that
/// ends; the file itself stays, since deleting it could take it from under a process that has just opened it.
/// </summary>
internal static class FileLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for the lock.</summary>
    /// <param name="target">The file to fetch.</param>
    /// <param name="time">The clock.</param>
    /// <param name="waiting">Called once if another process has it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    internal static async Task<FileStream> TakeAsync(string target, TimeProvider time, Action waiting, CancellationToken cancellationToken)
    {
        string path = target + ".lock";
        for (bool told = false; ; told = true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path) is { } taken) return taken;
            if (!told) waiting();
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a lock that nobody has.</summary>
    /// <param name="path">The lock's own file; it is made.</param>
    /// <returns>The lock, which goes when it is disposed of; <see langword="null"/> where another process has it.</returns>
    internal static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    // EWOULDBLOCK of flock (11 on Linux, 35 on macOS) and ERROR_SHARING_VIOLATION (32) in the low word.
    private static bool IsHeld(IOException e) => e.GetType() == typeof(IOException) && (e.HResult & 0xFFFF) is 11 or 35 or 32;
}
