using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EfficientNetSharp.Models;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>The bytes of an array of floats where they are, as ONNX wants raw data: little-endian, row-major.</summary>
internal sealed class FloatBytes : MemoryManager<byte>
{
    private readonly float[] _values;

    private FloatBytes(float[] values) => _values = values;

    /// <summary>A tensor's values for a protobuf field, without copying them.</summary>
    public static ByteString Of(WeightTensor tensor)
    {
        if (BitConverter.IsLittleEndian) return UnsafeByteOperations.UnsafeWrap(new FloatBytes(tensor.Values).Memory);
        var swapped = new byte[tensor.Values.Length * sizeof(float)];
        for (int i = 0; i < tensor.Values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(swapped.AsSpan(i * sizeof(float)), tensor.Values[i]);
        return UnsafeByteOperations.UnsafeWrap(swapped);
    }

    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(_values.AsSpan());

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = GCHandle.Alloc(_values, GCHandleType.Pinned);
        return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
    }

    // The handle that Pin returned frees itself.
    public override void Unpin()
    {
    }

    // The array belongs to the weights.
    protected override void Dispose(bool disposing)
    {
    }
}
