using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>The memory of tensors of 32-bit numbers on the host that lie without gaps; valid while the tensor lives.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>It as a span.</summary>
    public static Span<float> SpanOf(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>Where it begins.</summary>
    public static float* PointerOf(Tensor tensor)
    {
        fixed (float* pointer = SpanOf(tensor)) return pointer;
    }
}
