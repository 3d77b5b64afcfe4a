using System.Buffers;

namespace EfficientNetSharp.Onnx;

/// <summary>Several memories held in place while native code writes to them.</summary>
internal sealed class PinnedMemories : IDisposable
{
    private readonly MemoryHandle[] _handles;

    public unsafe PinnedMemories(ReadOnlySpan<Memory<float>> memories)
    {
        _handles = new MemoryHandle[memories.Length];
        Addresses = new nint[memories.Length];
        for (int i = 0; i < memories.Length; i++)
        {
            _handles[i] = memories[i].Pin();
            Addresses[i] = (nint)_handles[i].Pointer;
        }
    }

    /// <summary>Where each of them starts.</summary>
    public nint[] Addresses { get; }

    public void Dispose()
    {
        foreach (var handle in _handles) handle.Dispose();
    }
}
