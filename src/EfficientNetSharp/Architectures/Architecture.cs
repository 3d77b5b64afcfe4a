using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// A network as a table: what stands where, without weights, classes or input size. <see cref="Scale"/> makes larger ones,
/// <see cref="Build"/> makes the <see cref="Graph"/>.
/// </summary>
public sealed record Architecture
{
    /// <summary>Name as timm and torchvision spell it, for example <c>efficientnet_b0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Family that it is listed under, for example <c>EfficientNet</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Side of the square input that it was designed for, in pixels.</summary>
    public required int Resolution { get; init; }

    /// <summary>The first convolution.</summary>
    public required Stem Stem { get; init; }

    /// <summary>The stages, in order.</summary>
    public required ImmutableArray<Stage> Stages { get; init; }

    /// <summary>Output channels of the 1×1 convolution before pooling; 0 where there is none.</summary>
    public required int HeadChannels { get; init; }

    /// <summary>How convolutions are padded.</summary>
    public required PaddingStyle Padding { get; init; }

    /// <summary>Batch normalisation.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>Whether convolutions are normalised; otherwise each has a bias (SqueezeNet).</summary>
    public bool HasNormalization { get; init; } = true;

    /// <summary>
    /// Whether average poolings that step count what the padding adds as zeros (ShuffleNet; timm's NASNet), or take the mean of what lies
    /// on the map.
    /// </summary>
    public bool CountsPadding { get; init; }

    /// <summary>
    /// Whether NASNet's maximum poolings see what the padding adds as zeros, as Keras's do, or take the maximum of what lies on the map.
    /// </summary>
    public bool MaximaCountPadding { get; init; }

    /// <summary>Function after each normalised convolution, but for the projections; a stage may have its own.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <summary>Dropout rate before the classifier when training by the paper's recipe.</summary>
    public required double Dropout { get; init; }

    /// <summary>Stochastic depth rate of the last block; block i of n gets i/n of it.</summary>
    public double StochasticDepth { get; init; } = 0.2;

    /// <summary>How squeeze-excites are made.</summary>
    public SqueezeExciteStyle SqueezeExcite { get; init; } = new();

    /// <summary>Features of an activated linear layer between pooling and classifier (MobileNetV3); 0 for none.</summary>
    public int HiddenFeatures { get; init; }

    /// <summary>Whether a function stands before the pooling, as where blocks begin with theirs (NASNet).</summary>
    public bool ActivatesLastMap { get; init; }

    /// <summary>Whether the classifier is an activated 1×1 convolution before the pooling rather than a linear layer after it (SqueezeNet).</summary>
    public bool ClassifiesMap { get; init; }

    /// <summary>Whether the linear classifier has a bias.</summary>
    public bool HasClassifierBias { get; init; } = true;

    /// <summary>The embedding that takes the classifier's place; <see langword="null"/> for a classifier.</summary>
    public EmbeddingHead? Embedding { get; init; }

    /// <summary>What <see cref="Scale"/> leaves as it is.</summary>
    public ScalingRules Scaling { get; init; } = new();

    /// <summary>Number of blocks over all stages.</summary>
    public int BlockCount => Stages.Sum(stage => stage.Repeats);

    /// <summary>The network with more or fewer channels, blocks and pixels, rounded as the paper's code does.</summary>
    /// <param name="width">Multiplier of channels.</param>
    /// <param name="depth">Multiplier of repeats.</param>
    /// <param name="resolution">New side of the square input, in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A multiplier or the resolution is not positive.</exception>
    public Architecture Scale(double width, double depth, int resolution)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resolution);
        return this with
        {
            Resolution = resolution,
            Stem = Scaling.FixedStem ? Stem : Stem with { Channels = Channels(Stem.Channels, width) },
            Stages = [.. Stages.Select((stage, index) => stage with
            {
                Channels = Channels(stage.Channels, width),
                ExpansionBase = Scaled(stage.ExpansionBase, width),
                Repeats = Scaling.FixedEndDepth && (index == 0 || index == Stages.Length - 1) ? stage.Repeats
                : Rounding.Repeats(stage.Repeats, depth),
            })],
            HeadChannels = Scaling.FixedHead ? HeadChannels : Scaled(HeadChannels, Scaling.WideHead ? Math.Max(1, width) : width),
            HiddenFeatures = Scaled(HiddenFeatures, Math.Max(1, width)),
        };
    }

    /// <summary>Makes the graph.</summary>
    /// <param name="options">
    /// Input, classes and regularisation; <see langword="null"/> for three channels at the design resolution and 1,000 classes.
    /// </param>
    /// <exception cref="InvalidInputException">The architecture's data or the options are out of range.</exception>
    public Graph Build(BuildOptions? options = null) => NetworkBuilder.Build(this, options ?? new BuildOptions());

    // Published channels stay as they are where nothing gets wider: ShuffleNetV2's 116 are no multiple of eight.
    private int Channels(int channels, double width) => width == 1 ? channels
        : Rounding.Channels(channels, width, Scaling.ChannelDivisor, Scaling.RoundingLimit);

    private int Scaled(int channels, double width) => channels == 0 ? 0 : Channels(channels, width);
}
