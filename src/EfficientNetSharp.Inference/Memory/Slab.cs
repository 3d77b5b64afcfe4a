using System.Runtime.InteropServices;

namespace EfficientNetSharp.Inference.Memory;

/// <summary>Hands out parts of large blocks, for many buffers that live and die together.</summary>
/// <param name="expectedBytes">About how much will be asked for; more is no error.</param>
internal sealed class Slab(long expectedBytes)
{
    private NativeBlock? _block;
    private long _used;

    /// <summary>Takes zeroed memory.</summary>
    public unsafe AlignedBuffer<T> Take<T>(long length)
        where T : unmanaged
    {
        long bytes = ((length * sizeof(T)) + NativeBlock.AlignmentBytes - 1) / NativeBlock.AlignmentBytes * NativeBlock.AlignmentBytes;
        if (MemoryGuard.Side != GuardSide.None) return new AlignedBuffer<T>(length);
        if (_block is null || _used + bytes > _block.Bytes)
        {
            // Memory that is never touched costs nothing but addresses.
            _block = new NativeBlock(Math.Max(bytes, _block is null ? expectedBytes : NativeBlock.LargePageBytes));
            _used = 0;
        }

        var buffer = new AlignedBuffer<T>(_block, _used, length);
        _used += bytes;
        NativeMemory.Clear(buffer.Pointer, (nuint)bytes);
        return buffer;
    }
}
