using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>The forms of the resampler's passes. All give the same bytes.</summary>
internal enum ResamplePath
{
    Scalar,
    Vector128,
    Avx2,
}

internal static class ResamplePaths
{
    /// <summary>The fastest form on this machine.</summary>
    internal static ResamplePath Best { get; } =
        Avx2Passes.IsSupported ? ResamplePath.Avx2 : Vector128.IsHardwareAccelerated ? ResamplePath.Vector128 : ResamplePath.Scalar;
}
