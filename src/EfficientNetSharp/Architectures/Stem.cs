using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>The first convolution.</summary>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Kernel size in pixels.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="MaxPool">Whether a 3×3 maximum pooling that steps by 2 follows (ResNet).</param>
/// <param name="Mixer">
/// Whether a second, activated 3×3 convolution follows that steps by 1 (MobileFaceNet); its groups have
/// <paramref name="MixerGroupWidth"/> channels.
/// </param>
/// <param name="Padding">How the convolution is padded; as the architecture says where <see langword="null"/>.</param>
/// <param name="PoolPadding">How the pooling is padded; as the architecture says where <see langword="null"/>.</param>
/// <param name="Activated">Whether a function follows; NASNet's blocks begin with one instead.</param>
/// <param name="MixerGroupWidth">
/// Channels per group of the second convolution: 1 for a depthwise one (Chen et al. 2018), 2 in insightface's network of twice the width,
/// whose 64 groups stay.
/// </param>
public sealed record Stem(
    int Channels, int Kernel = 3, int Stride = 2, bool MaxPool = false, bool Mixer = false, PaddingStyle? Padding = null,
    PaddingStyle? PoolPadding = null, bool Activated = true, int MixerGroupWidth = 2);
