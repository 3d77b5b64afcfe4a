using System.Collections.Immutable;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Rounding;

namespace EfficientNetSharp.Training.Torch;

/// <summary>How a <see cref="GraphModule"/> computes.</summary>
internal sealed record ModuleOptions
{
    /// <summary>
    /// Whether maps are held with their channels innermost: libtorch's CPU kernels for 1×1 and depthwise convolutions, which
    /// MBConv blocks consist of, are 1.5 to 2 times as fast so.
    /// </summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>Numbers that the maps are held in; weights stay 32 bits wide.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Nodes whose parameters do not learn. They run as at inference: running statistics instead of the batch's, and no dropout.
    /// </summary>
    public ImmutableHashSet<string> Frozen { get; init; } = [];

    /// <summary>Whether all normalisations use their running statistics, though their scales and shifts may learn.</summary>
    public bool FixedStatistics { get; init; }

    /// <summary>The processes whose images normalisations take together; <see langword="null"/> for those of this process alone.</summary>
    public IProcessGroup? Synchronised { get; init; }

    /// <summary>Rounds values to a plan's integers; <see langword="null"/> for none.</summary>
    public NetworkRounding? Rounding { get; init; }

    /// <summary>
    /// Whether normalisations use each batch's statistics and keep those of the last batch as they are, all else being as at inference:
    /// for measuring statistics anew.
    /// </summary>
    public bool MeasureStatistics { get; init; }
}
