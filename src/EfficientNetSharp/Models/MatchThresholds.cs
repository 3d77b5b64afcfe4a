using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>
/// Thresholds above which two embeddings of a model count as one identity, as verification found them on some images. They hold for
/// cosines of embeddings made the same way: with this precision, and with mirror images added or not.
/// </summary>
public sealed record MatchThresholds
{
    /// <summary>The precision of a network that computes in <see cref="float"/>.</summary>
    public const string SinglePrecision = "float32";

    /// <summary>The precision that a network computes in: <see cref="SinglePrecision"/>, or the types of its integers, as <c>uint8</c>.</summary>
    public static string PrecisionOf(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Quantization?.Describe() ?? SinglePrecision;
    }

    /// <summary>The precision that the network computed in.</summary>
    public required string Precision { get; init; }

    /// <summary>Whether the embedding of the mirror image was added to each.</summary>
    public required bool Flip { get; init; }

    /// <summary>The images that it was measured on, for people.</summary>
    public required string Data { get; init; }

    /// <summary>Identities of the images.</summary>
    public required long Identities { get; init; }

    /// <summary>Genuine pairs.</summary>
    public required long Genuine { get; init; }

    /// <summary>Impostor pairs.</summary>
    public required long Impostors { get; init; }

    /// <summary>The thresholds, the highest false accept rate first.</summary>
    public required ImmutableArray<MatchThreshold> Points { get; init; }
}

/// <summary>A threshold for a false accept rate.</summary>
/// <param name="FalseAcceptRate">The share of pairs of strangers that are accepted.</param>
/// <param name="Threshold">The cosine above which a pair is accepted.</param>
/// <param name="Lower">Where the threshold may lie: the lower end of its 95 % interval.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="FalseRejectRate">The share of pairs of one identity that are rejected at the threshold.</param>
public sealed record MatchThreshold(double FalseAcceptRate, double Threshold, double Lower, double Upper, double FalseRejectRate);
