namespace EfficientNetSharp.Architectures;

/// <summary>The kinds of block that a stage may repeat.</summary>
public enum BlockKind
{
    /// <summary>Mobile inverted bottleneck: expand 1×1, depthwise k×k, squeeze-excite, project 1×1 (MobileNetV2, MnasNet).</summary>
    MBConv,
}

/// <summary>A row of an architecture's table: one block, repeated.</summary>
/// <param name="Block">The block.</param>
/// <param name="Kernel">Kernel size of its spatial convolution, in pixels.</param>
/// <param name="Stride">Step of the first block; the others step by 1.</param>
/// <param name="Expansion">Inner channels as a multiple of the block's input channels; 1 leaves the expansion out.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Repeats">Number of blocks.</param>
/// <param name="SqueezeExcite">Squeezed channels as a share of the block's <em>input</em> channels; 0 leaves squeeze-excite out.</param>
public sealed record Stage(BlockKind Block, int Kernel, int Stride, double Expansion, int Channels, int Repeats, double SqueezeExcite = 0.25);

/// <summary>The first convolution.</summary>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Kernel size in pixels.</param>
/// <param name="Stride">Step in pixels.</param>
public sealed record Stem(int Channels, int Kernel = 3, int Stride = 2);

/// <summary>The batch normalisation used throughout a network.</summary>
/// <param name="Epsilon">Added to the variance; 1e-3 in TensorFlow's family, 1e-5 in PyTorch's.</param>
/// <param name="Momentum">Share of the new batch in the running statistics; TensorFlow's 0.99 is 0.01 here.</param>
public sealed record Normalization(double Epsilon, double Momentum);
