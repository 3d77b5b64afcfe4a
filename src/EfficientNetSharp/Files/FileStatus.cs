using System.Runtime.InteropServices;

namespace EfficientNetSharp.Files;

/// <summary>
/// What the operating system says about a file and .NET does not pass on: its kind, its number, and whether it may be written. Linux
/// has <c>statx</c>, whose structure is the same on every processor; macOS <c>stat</c> of 64-bit file numbers.
/// </summary>
internal static unsafe partial class FileStatus
{
    // The structures have 256 bytes on Linux (linux/stat.h) and 144 on macOS (sys/stat.h).
    private const int StatusBytes = 256;

    private const int CurrentFolder = -100, NoFlags = 0, EmptyPath = 0x1000;

    // STATX_TYPE | STATX_MODE | STATX_INO.
    private const uint Wanted = 0x1 | 0x2 | 0x100;

    private const int NoEntry = 2, AccessDenied = 13, NotAFolder = 20;

    private const int WriteAllowed = 2;

    /// <summary>Looks at a path; <see langword="null"/> on systems whose calls are not known here.</summary>
    public static FileEntry? Of(string path) => Get(buffer => OperatingSystem.IsLinux()
        ? Statx(CurrentFolder, path, NoFlags, Wanted, buffer)
        : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatX64(path, buffer) : Stat(path, buffer));

    /// <summary>Which file is open; <see langword="null"/> where that is not known.</summary>
    public static FileIdentity? IdentityOf(SafeHandle handle)
    {
        if (!OperatingSystem.IsLinux()) return null;
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            int descriptor = (int)handle.DangerousGetHandle();
            return Get(buffer => Statx(descriptor, "", EmptyPath, Wanted, buffer))?.Identity;
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    /// <summary>Whether this process may write to a file or make files in a folder; true where that is not known.</summary>
    public static bool MayWrite(string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        try
        {
            return Access(path, WriteAllowed) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return true;
        }
    }

    private delegate int Call(byte* buffer);

    private static FileEntry? Get(Call call)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null;
        try
        {
            byte* buffer = stackalloc byte[StatusBytes];
            if (call(buffer) == 0) return OperatingSystem.IsLinux() ? OfLinux(buffer) : OfMac(buffer);
            int error = Marshal.GetLastPInvokeError();
            return error switch
            {
                NoEntry or NotAFolder => new FileEntry(FileKind.Missing, null),
                AccessDenied => new FileEntry(FileKind.Unknown, null, "no permission to look there"),
                // ENAMETOOLONG and ELOOP, on Linux and on macOS.
                36 or 63 => new FileEntry(FileKind.Unknown, null, "its name is longer than the file system takes"),
                40 or 62 => new FileEntry(FileKind.Unknown, null, "its symbolic link leads nowhere"),
                // Old kernels and strict containers do not have the call.
                _ => null,
            };
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    // struct statx: stx_mode at 28, stx_ino at 32, stx_dev_major and _minor at 136.
    private static FileEntry OfLinux(byte* status) => new(
        KindOf(*(ushort*)(status + 28)),
        new FileIdentity(((ulong)*(uint*)(status + 136) << 32) | *(uint*)(status + 140), *(ulong*)(status + 32)));

    // struct stat: st_dev at 0, st_mode at 4, st_ino at 8.
    private static FileEntry OfMac(byte* status) =>
        new(KindOf(*(ushort*)(status + 4)), new FileIdentity(*(uint*)status, *(ulong*)(status + 8)));

    // The file type's bits of a mode (POSIX, sys/stat.h).
    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.File,
        0x4000 => FileKind.Folder,
        0x1000 => FileKind.Pipe,
        0x2000 => FileKind.Device,
        0x6000 => FileKind.Disk,
        0xC000 => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Stat(string path, byte* status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatX64(string path, byte* status);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);
}
