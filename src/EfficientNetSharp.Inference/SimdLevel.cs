using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference;

/// <summary>The vectors that a plan's kernels work with.</summary>
public enum SimdLevel
{
    /// <summary>4 values: SSE, Arm NEON (AdvSimd), WebAssembly; in software where the machine has none of them.</summary>
    Vector128,

    /// <summary>8 values: AVX2 with fused multiply-add.</summary>
    Vector256,

    /// <summary>16 values: AVX-512.</summary>
    Vector512,
}

/// <summary>Which levels this machine has.</summary>
public static class SimdLevels
{
    /// <summary>The widest level that this machine has.</summary>
    public static SimdLevel Best => IsSupported(SimdLevel.Vector512) ? SimdLevel.Vector512
        : IsSupported(SimdLevel.Vector256) ? SimdLevel.Vector256
        : SimdLevel.Vector128;

    /// <summary>Whether this machine has the level; <see cref="SimdLevel.Vector128"/> runs everywhere.</summary>
    public static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.Vector128 => true,
        SimdLevel.Vector256 => VectorWidth.Has8,
        SimdLevel.Vector512 => VectorWidth.Has16,
        _ => false,
    };
}
