using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>The largest network along a ray that keeps a budget, or the smallest there is where none does.</summary>
public sealed record ScaledCandidate
{
    /// <summary>The direction.</summary>
    public required ScalingRay Ray { get; init; }

    /// <summary>
    /// How far along it, a multiple of <see cref="ScalingSearch.PhiIncrement"/>; <see cref="CompoundScaling.Apply"/> with it gives this
    /// network.
    /// </summary>
    public required double Phi { get; init; }

    /// <summary>The network.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Multiply-adds.</summary>
    public required long Macs { get; init; }

    /// <summary>Trainable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Time for one image in milliseconds; <see langword="null"/> where it was not asked for or counts alone decided.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Whether it keeps all of the budget.</summary>
    public required bool Fits { get; init; }

    /// <summary>Whether a bound of the search and not the budget ended the way up.</summary>
    public bool IsLargestSearched { get; init; }

    /// <summary>The multipliers.</summary>
    public ScalingCoefficients Coefficients => Ray.Scaling.Coefficients(Phi);

    /// <summary>What it uses of a budget, by the budget's names; over 1 where it is exceeded.</summary>
    public ImmutableArray<(string Name, double Share)> SharesOf(ScalingBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var shares = ImmutableArray.CreateBuilder<(string, double)>();
        if (budget.Macs is { } macs) shares.Add(("multiply-adds", (double)Macs / macs));
        if (budget.Parameters is { } parameters) shares.Add(("parameters", (double)Parameters / parameters));
        if (budget.LatencyMs is { } latency && LatencyMs is { } measured) shares.Add(("latency", measured / latency));
        return shares.ToImmutable();
    }
}

/// <summary>What a search found.</summary>
/// <param name="Chosen">The network along the compound ray; look at <see cref="ScaledCandidate.Fits"/>.</param>
/// <param name="Alternatives">What the same budget buys along other rays.</param>
public sealed record ScalingSearchResult(ScaledCandidate Chosen, ImmutableArray<ScaledCandidate> Alternatives);
