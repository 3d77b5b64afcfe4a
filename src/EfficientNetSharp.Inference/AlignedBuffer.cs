using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference;

/// <summary>
/// Float32 memory whose address stays and is a multiple of a cache line. It belongs to the garbage collector, so that nothing is to
/// be freed and nothing can be used after it; whoever works with <see cref="Pointer"/> holds on to the buffer.
/// </summary>
internal sealed unsafe class AlignedBuffer
{
    // A cache line, and a vector of AVX-512.
    private const int AlignmentBytes = 64;

    private readonly float[] _memory;

    /// <summary>Takes zeroed memory.</summary>
    public AlignedBuffer(long length)
    {
        _memory = GC.AllocateArray<float>(checked((int)(length + (AlignmentBytes / sizeof(float)))), pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref _memory[0]);
        Pointer = (float*)((address + AlignmentBytes - 1) & ~(nuint)(AlignmentBytes - 1));
        Length = length;
    }

    public AlignedBuffer(ReadOnlySpan<float> values, long length)
        : this(length) => values.CopyTo(Span);

    public float* Pointer { get; }

    public long Length { get; }

    public Span<float> Span => new(Pointer, checked((int)Length));
}
