using System.Collections.Immutable;
using EfficientNetSharp.Architectures.Scaling;

namespace EfficientNetSharp.Studies.Strategies;

/// <summary>
/// What strategies are compared at. Times are measured once, when the study is begun, and stand here: a study that goes on, on this machine
/// or on another, trains the networks that it was begun with.
/// </summary>
public sealed record StrategySettings
{
    /// <summary>Four times the baseline's multiply-adds, as far as B0 is from B2 and a half.</summary>
    public const double StandardFactor = 4;

    /// <summary>Factors that a study can be made of; around 1 there is nothing to compare.</summary>
    public static NumberRange FactorRange { get; } = new(0.05, 100);

    /// <summary>Multiply-adds of the scaled networks as a multiple of the baseline's; below 1 for smaller networks. Default 4.</summary>
    public double Factor { get; init; } = StandardFactor;

    /// <summary>The baseline's time for one image in milliseconds.</summary>
    public double BaselineMs { get; init; }

    /// <summary>What tells times (<see cref="Costs.ILatencyModel.Name"/>); <see langword="null"/> in other studies.</summary>
    public string? Latency { get; init; }

    /// <summary>The networks, compound scaling's first.</summary>
    public ImmutableArray<StrategyPoint> Points { get; init; } = [];

    /// <summary>Checks a factor.</summary>
    /// <exception cref="InvalidInputException">It is out of range, or near 1.</exception>
    internal static void CheckFactor(double factor)
    {
        FactorRange.Require(factor, "The factor of multiply-adds");
        if (factor is > 0.95 and < 1.05)
        {
            throw new InvalidInputException(
                $"A factor of multiply-adds other than 1 is expected, found {NumberText.Of(factor)}; take 4 for larger networks or 0.25 for smaller ones.");
        }
    }

    /// <summary>Checks that each number is in its range and that the strategies are known.</summary>
    /// <exception cref="InvalidInputException">One is not; the message names it.</exception>
    public void Check()
    {
        CheckFactor(Factor);
        if (Points.IsDefaultOrEmpty || Latency is null || !(BaselineMs > 0) || Points[0].Strategy != ScalingStrategy.Compound.Name)
            throw new InvalidInputException("A study of strategies expects their networks and what tells times, found none; begin it anew.");
        foreach (var point in Points)
        {
            if (!(point.Ms > 0) || point.Macs <= 0) throw new InvalidInputException($"The strategy '{point.Strategy}' has no cost; begin the study anew.");
            ScalingStrategy.Get(point.Strategy).Coefficients(point.Phi);
        }
    }
}
