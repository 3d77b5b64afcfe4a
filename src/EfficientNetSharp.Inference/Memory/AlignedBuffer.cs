using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Inference.Memory;

/// <summary>
/// Memory whose address stays and is a multiple of a cache line (but between guard pages). It goes when nobody holds it any more, so that
/// nothing is to
/// be freed and nothing can be used after it; whoever works with <see cref="Pointer"/> holds on to the buffer.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged
{
    // What the pointer points into: a block, or a pinned array.
    private readonly object _memory;

    /// <summary>Takes zeroed memory.</summary>
    public AlignedBuffer(long length)
    {
        Length = length;
        if (length * sizeof(T) >= NativeBlock.LargePageBytes || MemoryGuard.Side != GuardSide.None)
        {
            var block = new NativeBlock(length * sizeof(T));
            _memory = block;
            Pointer = (T*)block.Pointer;
            NativeMemory.Clear(Pointer, checked((nuint)(length * sizeof(T))));
            return;
        }

        var array = GC.AllocateArray<byte>(checked((int)(length * sizeof(T)) + NativeBlock.AlignmentBytes), pinned: true);
        _memory = array;
        nuint address = (nuint)Unsafe.AsPointer(ref array[0]);
        Pointer = (T*)((address + NativeBlock.AlignmentBytes - 1) & ~(nuint)(NativeBlock.AlignmentBytes - 1));
    }

    public AlignedBuffer(ReadOnlySpan<T> values, long length)
        : this(length) => values.CopyTo(Span);

    /// <summary>A part of a block, with what it holds.</summary>
    internal AlignedBuffer(NativeBlock block, long offsetBytes, long length)
    {
        _memory = block;
        Pointer = (T*)(block.Pointer + offsetBytes);
        Length = length;
    }

    public T* Pointer { get; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, checked((int)Length));
}
