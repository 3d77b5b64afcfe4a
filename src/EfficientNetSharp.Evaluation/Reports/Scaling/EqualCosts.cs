using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>Networks that cost about the same, the most balanced first.</summary>
/// <param name="Points">The networks, by rising imbalance of width and resolution.</param>
public sealed record EqualCostGroup(ImmutableArray<ScaledPoint> Points)
{
    /// <summary>The most balanced.</summary>
    public ScaledPoint Balanced => Points[0];

    /// <summary>The most accurate.</summary>
    public ScaledPoint Best => Points.MaxBy(point => point.Top1)!;

    /// <summary>Whether the most balanced one is the most accurate.</summary>
    public bool BalancedWins => Best == Balanced;
}

/// <summary>Sorts scaled networks into groups of about equal cost, to compare how a budget is split between width and resolution.</summary>
public static class EqualCosts
{
    /// <summary>Groups by multiply-adds, each as wide as it may be from its cheapest network on.</summary>
    /// <param name="points">The networks.</param>
    /// <param name="baseline">Side of the baseline's input in pixels; its width is 1.</param>
    /// <param name="tolerance">Share by which the most expensive of a group may cost more than the cheapest, above 0.</param>
    /// <returns>The groups of two and more, by rising cost.</returns>
    public static ImmutableArray<EqualCostGroup> Of(IEnumerable<ScaledPoint> points, int baseline, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tolerance);
        var groups = ImmutableArray.CreateBuilder<EqualCostGroup>();
        var rest = new Queue<ScaledPoint>(points.OrderBy(point => point.Macs));
        while (rest.TryDequeue(out var first))
        {
            List<ScaledPoint> group = [first];
            while (rest.TryPeek(out var next) && next.Macs <= first.Macs * (1 + tolerance)) group.Add(rest.Dequeue());
            if (group.Count > 1) groups.Add(new EqualCostGroup([.. group.OrderBy(point => point.Imbalance(baseline))]));
        }

        return groups.ToImmutable();
    }
}
