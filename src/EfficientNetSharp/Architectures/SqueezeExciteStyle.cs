using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Which channels a squeeze-excite's share is counted from.</summary>
public enum SqueezeBase
{
    /// <summary>The block's input (EfficientNet, MnasNet).</summary>
    BlockInput,

    /// <summary>The block's inner, expanded channels (MobileNetV3).</summary>
    Inner,
}

/// <summary>How a network's squeeze-excites are made.</summary>
/// <param name="Base">Which channels the stage's share is counted from.</param>
/// <param name="Divisor">The squeezed channels are rounded to a multiple of this; 1 rounds down to an integer.</param>
/// <param name="Activation">Function after the reduction; the stage's where <see langword="null"/>.</param>
/// <param name="Gate">Function that makes the gate.</param>
public sealed record SqueezeExciteStyle(
    SqueezeBase Base = SqueezeBase.BlockInput, int Divisor = 1, ActivationKind? Activation = null,
    ActivationKind Gate = ActivationKind.Sigmoid);
