using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>What a loss of embeddings is made of.</summary>
internal sealed record EmbeddingBatch
{
    /// <summary>[N,D], as the network yields them.</summary>
    public required Tensor Embeddings { get; init; }

    /// <summary>Identities [N], 64-bit integers.</summary>
    public required Tensor Labels { get; init; }

    /// <summary>What the loss keeps and trains, by name.</summary>
    public required IReadOnlyDictionary<string, Tensor> Parameters { get; init; }

    /// <summary>Where in the run it is.</summary>
    public LossPhase Phase { get; init; } = LossPhase.Settled;

    /// <summary>Share that is spread over all identities of a softmax.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Identities that a softmax has, ascending 64-bit integers, those of <see cref="Labels"/> among them; <see langword="null"/> for all.
    /// </summary>
    public Tensor? Sampled { get; init; }
}

/// <summary>What a loss gives.</summary>
/// <param name="Value">The mean over the images, a number that can be differentiated.</param>
/// <param name="Cosines">Cosines with the identities' centres [N,C], without margins; <see langword="null"/> where there are none.</param>
/// <param name="Labels">Places of the images' identities among the centres [N]; <see langword="null"/> where there are none.</param>
internal readonly record struct EmbeddingLossValue(Tensor Value, Tensor? Cosines = null, Tensor? Labels = null)
{
    /// <summary>Images whose own identity is the nearest, where there are no cosines to tell by.</summary>
    public int Right { get; init; }
}
