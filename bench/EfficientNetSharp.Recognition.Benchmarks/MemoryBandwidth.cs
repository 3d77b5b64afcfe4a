using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Recognition.Benchmarks;

/// <summary>What memory delivers to threads that only add up what they read, each a range of its own.</summary>
internal sealed unsafe class MemoryBandwidth : IDisposable
{
    private const nuint Alignment = 2 << 20;

    private readonly nint _bytes;
    private readonly byte* _memory;

    public MemoryBandwidth(long bytes)
    {
        _bytes = (nint)bytes;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)_bytes, Alignment);
        NativeMemory.Fill(_memory, (nuint)_bytes, 1);
    }

    /// <summary>Gigabytes (10⁹) a second.</summary>
    public double Measure(int threads)
    {
        long start = Stopwatch.GetTimestamp();
        if (threads == 1) Read(_memory, _bytes);
        else Parallel.For(0, threads, thread => Read(_memory + (_bytes / threads / 64 * 64 * thread), _bytes / threads / 64 * 64));
        return 1e-9 * _bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector<int> Read(byte* from, nint bytes)
    {
        nint step = Vector<byte>.Count;
        Vector<int> a = default, b = default, c = default, d = default;
        for (nint i = 0; i <= bytes - (4 * step); i += 4 * step)
        {
            a += Vector.Load((int*)(from + i));
            b += Vector.Load((int*)(from + i + step));
            c += Vector.Load((int*)(from + i + (2 * step)));
            d += Vector.Load((int*)(from + i + (3 * step)));
        }

        return a + b + c + d;
    }
}
