using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>A row of an architecture's table: one block, repeated.</summary>
/// <param name="Block">The block.</param>
/// <param name="Kernel">Kernel size of its spatial convolution, in pixels.</param>
/// <param name="Stride">Step of the first block; the others step by 1.</param>
/// <param name="Expansion">
/// Inner channels as a multiple of the block's input channels or of <paramref name="ExpansionBase"/>; in an inverted bottleneck 1
/// leaves the expansion out. A Fire module's is the share of its output channels that its 1×1 convolution squeezes to. Residual blocks of
/// two convolutions, ShuffleNetV2's units and NASNet's cells have none.
/// </param>
/// <param name="Channels">
/// Output channels. A NASNet cell yields the nearest multiple of what it joins: six times its filters, a reduction four times.
/// </param>
/// <param name="Repeats">Number of blocks.</param>
/// <param name="SqueezeExcite">
/// Squeezed channels as a share of those that <see cref="SqueezeExciteStyle.Base"/> names; 0 leaves squeeze-excite out. Only
/// inverted bottlenecks have it.
/// </param>
/// <param name="Activation">Function of this stage; the architecture's where <see langword="null"/>.</param>
/// <param name="Residual">Whether a block whose input and output have one shape adds its input.</param>
/// <param name="Experts">Kernels that each convolution mixes by image (CondConv, Yang et al. 2019); 1 for an ordinary one.</param>
/// <param name="ExpansionBase">
/// Channels that the expansion multiplies instead of the block's input; 0 for the input (ResNet's bottlenecks and EfficientNet-EdgeTPU's
/// first stage have another).
/// </param>
/// <param name="Groups">Groups of channels that a ShuffleNet's 1×1 convolutions have, and that it shuffles.</param>
/// <param name="HandsOnEarlier">
/// Whether a reduction cell hands on to the next cell what was handed to it, instead of its own input (NASNet-A Large).
/// </param>
/// <param name="AlwaysExpand">Whether the expanding convolution is there even where it does not expand (MobileFaceNet).</param>
public sealed record Stage(
    BlockKind Block, int Kernel, int Stride, double Expansion, int Channels, int Repeats, double SqueezeExcite,
    ActivationKind? Activation = null, bool Residual = true, int Experts = 1, int ExpansionBase = 0, bool AlwaysExpand = false,
    int Groups = 1, bool HandsOnEarlier = false);
