namespace EfficientNetSharp.Architectures;

/// <summary>The kinds of block that a stage may repeat.</summary>
public enum BlockKind
{
    /// <summary>Mobile inverted bottleneck: expand 1×1, depthwise k×k, squeeze-excite, project 1×1 (MobileNetV2, MnasNet).</summary>
    MBConv,

    /// <summary>
    /// Fused inverted bottleneck: expand k×k, squeeze-excite, project 1×1; one activated k×k convolution where nothing is expanded
    /// (EfficientNetV2, EfficientNet-EdgeTPU).
    /// </summary>
    FusedMBConv,

    /// <summary>Depthwise k×k, then 1×1, both activated, without a skip (MobileNetV1).</summary>
    DepthwiseSeparable,

    /// <summary>Two k×k convolutions around a skip, activated after the sum (ResNet-18 and 34).</summary>
    Basic,

    /// <summary>1×1, k×k with the stride, 1×1 around a skip, activated after the sum (ResNet-50 and larger, version 1.5).</summary>
    Bottleneck,

    /// <summary>
    /// Normalisation, k×k, activation, k×k with the stride, around a skip without a function after the sum (iResNet of
    /// insightface).
    /// </summary>
    ImprovedBasic,

    /// <summary>
    /// Fire module: 1×1 to few channels, from these 1×1 and k×k to half the output each, side by side; a stride is a 3×3 maximum pooling
    /// before it (SqueezeNet).
    /// </summary>
    Fire,

    /// <summary>
    /// 1×1 in groups, depthwise k×k, channel shuffle, 1×1 in groups, around a skip; with a stride beside a mean of the input instead
    /// (ShuffleNet).
    /// </summary>
    Shuffle,

    /// <summary>
    /// Half of the channels as they are, the other half through 1×1, depthwise k×k, 1×1; with a stride both halves come from all channels.
    /// Then a channel shuffle (ShuffleNetV2).
    /// </summary>
    SplitShuffle,

    /// <summary>NASNet-A's normal cell, of the values of the two cells before.</summary>
    NasNormal,

    /// <summary>NASNet-A's reduction cell, of the values of the two cells before.</summary>
    NasReduction,
}
