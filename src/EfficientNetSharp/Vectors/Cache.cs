using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Vectors;

/// <summary>What can be said to a processor's caches.</summary>
internal static unsafe class Cache
{
    /// <summary>Bytes of a line.</summary>
    public const int LineBytes = 64;

    /// <summary>
    /// Asks for the line around an address, which is needed soon, so that it is in the second-level cache by then. Any address will do,
    /// also one that is not the program's. Does nothing on processors that .NET cannot ask.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch1(address);
    }
}
