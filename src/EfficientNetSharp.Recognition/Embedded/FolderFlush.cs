using System.Runtime.InteropServices;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>
/// Brings a folder's list of names to disk: a file that was made or renamed is only found again after a loss of power once its folder is
/// flushed too (POSIX; fsync(2)). Windows does so by itself.
/// </summary>
internal static partial class FolderFlush
{
    // O_RDONLY of fcntl.h on Linux and macOS.
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The system could not.</exception>
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"The folder '{folder}' does not open: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"The folder '{folder}' cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
