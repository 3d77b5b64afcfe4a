using EfficientNetSharp.Studies.Replacement;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>How a trained network did on images.</summary>
/// <param name="Images">How many there are.</param>
/// <param name="Top1">
/// Share of them that it names rightly, 0…1; of an embedding, whose nearest other one is of their identity, or what the epoch was chosen
/// by.
/// </param>
/// <param name="Top5">Share of which the class is among its first five, 0…1; of an embedding, among the five nearest.</param>
/// <param name="Loss">Mean cross-entropy in nats; <see langword="null"/> where it is not finite.</param>
public sealed record TrialScore(long Images, double Top1, double Top5, double? Loss);

/// <summary>What came of a trial: a line of the study's table.</summary>
public sealed record TrialResult
{
    /// <summary><see cref="Trial.Key"/>.</summary>
    public required string Key { get; init; }

    /// <summary>The network's name, for people.</summary>
    public required string Network { get; init; }

    /// <summary>Side of its input in pixels.</summary>
    public required int Resolution { get; init; }

    /// <summary>Its trainable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Its multiply-adds for one image.</summary>
    public required long Macs { get; init; }

    /// <summary>Nodes of its graph, which its overhead per step goes by.</summary>
    public required int Nodes { get; init; }

    /// <summary>Passes over the training images.</summary>
    public required int Epochs { get; init; }

    /// <summary>
    /// Images that passed through the network; those that it was only judged on count a third, as no gradients are computed.
    /// </summary>
    public required double Images { get; init; }

    /// <summary>Batches that passed through it, counted alike.</summary>
    public required double Steps { get; init; }

    /// <summary>The epoch that was kept, by the validation images; 0 where training diverged.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>On the images that chose the epoch.</summary>
    public required TrialScore Validation { get; init; }

    /// <summary>On images that had no say in anything; <see langword="null"/> where there are none.</summary>
    public TrialScore? Test { get; init; }

    /// <summary>Why there is no trained network: training diverged. Its scores are 0. <see langword="null"/> where there is one.</summary>
    public string? Diverged { get; init; }

    /// <summary>The measured time for one image in milliseconds; <see langword="null"/> where the study does not ask for it.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>
    /// What came of an embedding in each precision; <see langword="null"/> for a classifier, and where training diverged.
    /// </summary>
    public EmbeddingResult? Embedding { get; init; }

    /// <summary>How long the trial took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Where it was trained.</summary>
    public required string Host { get; init; }

    /// <summary>What the network is judged by: the test images, where there are some, else the validation images.</summary>
    public TrialScore Score => Test ?? Validation;

    /// <summary>The accuracy that claims compare: top-1, of an embedding that of its floats.</summary>
    internal double Accuracy => Embedding is { } embedding ? embedding.AccuracyOf(embedding.Precisions[0]).Value : Score.Top1;

    /// <summary>Whether another result of the same trial says the same, times and places aside.</summary>
    internal bool Agrees(TrialResult other) => TrialLine.Of(WithoutTimes()) == TrialLine.Of(other.WithoutTimes());

    private TrialResult WithoutTimes() => this with { Seconds = 0, Host = "", LatencyMs = null, Embedding = Embedding?.WithoutTimes() };
}
