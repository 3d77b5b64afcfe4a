namespace EfficientNetSharp.Architectures;

/// <summary>The first convolution.</summary>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Kernel size in pixels.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="MaxPool">Whether a 3×3 maximum pooling that steps by 2 follows (ResNet).</param>
/// <param name="Mixer">
/// Whether a second, activated 3×3 convolution follows that steps by 1 and has two channels per group (MobileFaceNet).
/// </param>
public sealed record Stem(int Channels, int Kernel = 3, int Stride = 2, bool MaxPool = false, bool Mixer = false);
