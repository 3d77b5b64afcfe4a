namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>What a network may cost for one image at its own resolution; <see langword="null"/> where it does not matter.</summary>
public sealed record ScalingBudget
{
    /// <summary>Most multiply-adds.</summary>
    public long? Macs { get; init; }

    /// <summary>Most trainable values.</summary>
    public long? Parameters { get; init; }

    /// <summary>Longest time for one image in milliseconds, by the search's latency model.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Whether nothing is limited.</summary>
    public bool IsEmpty => Macs is null && Parameters is null && LatencyMs is null;
}
