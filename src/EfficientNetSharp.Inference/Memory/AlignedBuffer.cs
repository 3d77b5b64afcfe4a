using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Memory;

/// <summary>
/// Float32 memory whose address stays and is a multiple of a cache line. It goes when nobody holds it any more, so that nothing is to
/// be freed and nothing can be used after it; whoever works with <see cref="Pointer"/> holds on to the buffer.
/// </summary>
internal sealed unsafe class AlignedBuffer
{
    // What the pointer points into: a block, or a pinned array.
    private readonly object _memory;

    /// <summary>Takes zeroed memory.</summary>
    public AlignedBuffer(long length)
    {
        Length = length;
        if (length * sizeof(float) >= NativeBlock.LargePageBytes)
        {
            var block = new NativeBlock(length * sizeof(float));
            _memory = block;
            Pointer = (float*)block.Pointer;
            Span.Clear();
            return;
        }

        var array = GC.AllocateArray<float>(checked((int)(length + (NativeBlock.AlignmentBytes / sizeof(float)))), pinned: true);
        _memory = array;
        nuint address = (nuint)Unsafe.AsPointer(ref array[0]);
        Pointer = (float*)((address + NativeBlock.AlignmentBytes - 1) & ~(nuint)(NativeBlock.AlignmentBytes - 1));
    }

    public AlignedBuffer(ReadOnlySpan<float> values, long length)
        : this(length) => values.CopyTo(Span);

    /// <summary>A part of a block, with what it holds.</summary>
    internal AlignedBuffer(NativeBlock block, long offsetBytes, long length)
    {
        _memory = block;
        Pointer = (float*)(block.Pointer + offsetBytes);
        Length = length;
    }

    public float* Pointer { get; }

    public long Length { get; }

    public Span<float> Span => new(Pointer, checked((int)Length));
}
