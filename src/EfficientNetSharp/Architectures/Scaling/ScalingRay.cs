using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>A direction in which a baseline grows; φ says how far.</summary>
/// <param name="Name">What people call it, such as <c>depth only</c>.</param>
/// <param name="Scaling">Its bases.</param>
public sealed record ScalingRay(string Name, CompoundScaling Scaling)
{
    /// <summary>
    /// What the paper's Figure 8 compares compound scaling with, and two more. Along each, α·β²·γ² = 2: φ counts doublings as it
    /// does for the compound.
    /// </summary>
    public static ImmutableArray<ScalingRay> Alternatives { get; } =
    [
        new("depth only", new CompoundScaling(2, 1, 1)),
        new("width only", new CompoundScaling(1, Math.Sqrt(2), 1)),
        new("resolution only", new CompoundScaling(1, 1, Math.Sqrt(2))),
        // For those whose images have no more pixels to give.
        new("depth and width", new CompoundScaling(Math.Sqrt(2), Math.Pow(2, 0.25), 1)),
        // Each axis bears a third of the doubling; the paper's bases lean to resolution.
        new("balanced", new CompoundScaling(Math.Cbrt(2), Math.Pow(2, 1 / 6.0), Math.Pow(2, 1 / 6.0))),
    ];
}
