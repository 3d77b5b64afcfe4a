using System.Runtime.InteropServices;

namespace EfficientNetSharp.Inference.Memory;

/// <summary>
/// Memory outside the garbage collector's heap, freed when nobody holds it any more. Where the operating system can, it is made of large
/// pages: weights and maps are read from end to end, and each small page costs a fault when it is first touched, an entry of the
/// address cache after that, and the end of what the processor reads ahead.
/// </summary>
internal sealed unsafe partial class NativeBlock
{
    /// <summary>A cache line, and a vector of AVX-512.</summary>
    public const int AlignmentBytes = 64;

    /// <summary>A large page of x64 and of Arm with small pages of 4 KiB.</summary>
    public const int LargePageBytes = 2 << 20;

    // MADV_HUGEPAGE of Linux's <sys/mman.h>.
    private const int AdviseHugePage = 14;

    private readonly GuardSide _guard = MemoryGuard.Side;

    /// <summary>Takes memory; what it holds is arbitrary.</summary>
    public NativeBlock(long bytes)
    {
        if (_guard != GuardSide.None)
        {
            Bytes = bytes;
            Pointer = MemoryGuard.Take(bytes, _guard);
            return;
        }

        bool isLarge = bytes >= LargePageBytes;
        int alignment = isLarge ? LargePageBytes : AlignmentBytes;
        Bytes = (bytes + alignment - 1) / alignment * alignment;
        Pointer = (byte*)NativeMemory.AlignedAlloc(checked((nuint)Bytes), (nuint)alignment);
        GC.AddMemoryPressure(Bytes);
        if (isLarge && OperatingSystem.IsLinux()) AskForLargePages();
    }

    ~NativeBlock()
    {
        if (_guard != GuardSide.None)
        {
            if (Pointer != null) MemoryGuard.Free(Pointer, Bytes);
            return;
        }

        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(Bytes);
    }

    public byte* Pointer { get; }

    /// <summary>What was asked for, rounded up; to the byte between guard pages.</summary>
    public long Bytes { get; }

    // Only advice: where it is refused, or the system's library has another name, the pages are small.
    private void AskForLargePages()
    {
        try
        {
            _ = Advise(Pointer, (nuint)Bytes, AdviseHugePage);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
