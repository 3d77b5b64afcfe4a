using System.Runtime.InteropServices;

namespace EfficientNetSharp.Inference.Memory;

/// <summary>Where memory meets a page that nobody may touch.</summary>
internal enum GuardSide
{
    /// <summary>Nowhere: memory as programs have it.</summary>
    None,

    /// <summary>Behind its last byte.</summary>
    After,

    /// <summary>Before its first byte.</summary>
    Before,
}

/// <summary>
/// A mode for tests of the kernels, on Linux. What the calling thread makes while it is on – weights, arenas, working memory – has guard
/// pages on one side, so that a kernel that reads or writes outside ends the process there and then. Every value of the arena has pages of
/// its own, and memory that is not written yet holds NaN, so that what is read too early, or from the padding as if it counted, shows in
/// the
/// results. What kernels may touch beyond the values that count is part of the buffers: channels padded to whole vectors
/// (<see cref="Layout.Slot.PaddedChannels"/>) and values to whole cache lines (<see cref="Layout.Slot.Length"/>).
/// </summary>
internal static unsafe partial class MemoryGuard
{
    // Of Linux's <sys/mman.h>, the same on x64 and Arm.
    private const int ProtectNone = 0, ProtectReadWrite = 3, MapPrivateAnonymous = 0x22;

    [ThreadStatic]
    private static GuardSide _side;

    /// <summary>Where the memory that this thread takes has guard pages.</summary>
    public static GuardSide Side => _side;

    /// <summary>Bytes of a page.</summary>
    public static int PageBytes => Environment.SystemPageSize;

    /// <summary>Puts guard pages around what this thread takes until the result is disposed.</summary>
    /// <exception cref="PlatformNotSupportedException">Only Linux is taught it.</exception>
    public static IDisposable Use(GuardSide side)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Guard pages are made on Linux only.");
        return new Scope(side);
    }

    /// <summary>Takes memory between two guard pages, one of them right beside it.</summary>
    public static byte* Take(long bytes, GuardSide side)
    {
        long inner = RoundUp(bytes);
        var all = Map(null, (nuint)(inner + (2 * PageBytes)), ProtectNone, MapPrivateAnonymous, -1, 0);
        if (all == -1 || Protect((void*)(all + PageBytes), (nuint)inner, ProtectReadWrite) != 0)
            throw new InvalidOperationException($"No memory for {bytes} guarded bytes.");
        return (byte*)all + PageBytes + (side == GuardSide.After ? inner - bytes : 0);
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="memory">What <see cref="Take"/> returned.</param>
    /// <param name="bytes">What was asked for.</param>
    public static void Free(byte* memory, long bytes) =>
        _ = Unmap((void*)(((nint)memory & -PageBytes) - PageBytes), (nuint)(RoundUp(bytes) + (2 * PageBytes)));

    /// <summary>Makes whole pages guard pages.</summary>
    public static void Close(byte* pages, long bytes)
    {
        if (Protect(pages, (nuint)bytes, ProtectNone) != 0) throw new InvalidOperationException("The pages cannot be guarded.");
    }

    /// <summary>The next multiple of a page.</summary>
    public static long RoundUp(long bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    private sealed class Scope : IDisposable
    {
        private readonly GuardSide _before = _side;

        public Scope(GuardSide side) => _side = side;

        public void Dispose() => _side = _before;
    }
}
