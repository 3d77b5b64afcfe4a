namespace EfficientNetSharp.Inference;

/// <summary>How a network is to run.</summary>
public sealed record PlanOptions
{
    /// <summary>Threads that work on one call; 0, the default, for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>The vectors to work with; <see cref="SimdLevels.Default"/> where <see langword="null"/>.</summary>
    public SimdLevel? Level { get; init; }

    /// <summary>
    /// Images of a batch that go through the network side by side, 1 by default. More of them read the weights less often but
    /// need as many times the memory for activations.
    /// </summary>
    public int ImagesPerPass { get; init; } = 1;
}
