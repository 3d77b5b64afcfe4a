using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>What belongs to a trial beyond training by its recipe, where the network yields an embedding.</summary>
public sealed record EmbeddingTrial
{
    /// <summary>The trial whose trained network teaches; <see langword="null"/> for none.</summary>
    public Trial? Teacher { get; init; }

    /// <summary>
    /// The weights that training starts from (<see cref="StartWeights.Fingerprint"/>); <see langword="null"/> to draw them.
    /// </summary>
    public string? Start { get; init; }

    /// <summary>The precisions that the trained network is judged in.</summary>
    public required PrecisionSettings Precision { get; init; }

    /// <summary>Whether the study's folder keeps the trained network. Nothing of the result follows from it.</summary>
    public bool KeepsModel { get; init; }

    /// <summary>All of it that decides the result.</summary>
    internal string Text => $"{Teacher?.Key}|{Start}|{Precision.Text}";
}
