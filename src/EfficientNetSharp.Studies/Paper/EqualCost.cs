using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>Networks scaled along different rays to the same multiply-adds.</summary>
internal static class EqualCost
{
    // A third of a doubling.
    private const double MaxSpread = 1.25;

    /// <summary>The compound ray of the paper.</summary>
    public static ScalingRay Compound { get; } = new("compound", CompoundScaling.EfficientNet);

    public static ScalingRay Width { get; } = Ray("width only");

    public static ScalingRay Depth { get; } = Ray("depth only");

    public static ScalingRay Resolution { get; } = Ray("resolution only");

    /// <summary>The single axes and the compound.</summary>
    public static ScalingRay[] Rays => [Width, Depth, Resolution, Compound];

    /// <summary>What a multiple of the baseline's multiply-adds is called.</summary>
    public static string PointOf(double factor) => "×" + factor.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The multiply-adds of a network that names the classes of the data.</summary>
    public static long MacsOf(Architecture architecture, int classes) =>
        GraphCosts.Of(architecture.Build(new BuildOptions { Classes = classes })).Macs;

    /// <summary>The network along a ray whose multiply-adds are nearest to so many, by their ratio.</summary>
    /// <remarks>Small networks grow in large steps: the next channels are eight more, the next block doubles a stage.</remarks>
    /// <exception cref="InvalidInputException">The baseline cannot be scaled so far.</exception>
    public static Architecture At(Architecture baseline, ScalingRay ray, long macs, int classes)
    {
        var below = new ScalingSearch(baseline, new ScalingBudget { Macs = macs }, new BuildOptions { Classes = classes }).Along(ray);
        if (!below.Fits)
        {
            throw new InvalidInputException(
                $"'{baseline.Name}' cannot be scaled by '{ray.Name}' to {macs:N0} multiply-adds; take a larger baseline or resolution.");
        }

        if (below.IsLargestSearched) return below.Architecture;
        // The search gives the last φ that keeps the budget, so that the next step is the first network above it.
        var above = ray.Scaling.Apply(baseline, Math.Round(below.Phi + ScalingSearch.PhiIncrement, 3));
        return (double)MacsOf(above, classes) / macs < (double)macs / below.Macs ? above : below.Architecture;
    }

    /// <summary>Says which networks that are compared at one cost have costs too far apart for that.</summary>
    /// <param name="networks">Networks by what they are compared at.</param>
    /// <param name="classes">Classes of the data.</param>
    public static IEnumerable<string> Unequal(IEnumerable<IGrouping<string, PlannedNetwork>> networks, int classes)
    {
        foreach (var group in networks)
        {
            var macs = group.Select(network => MacsOf(network.Architecture, classes) / 1e6).ToList();
            if (macs.Max() <= MaxSpread * macs.Min()) continue;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The networks at {group.Key} have {macs.Min():0.00} to {macs.Max():0.00} million multiply-adds: so small a baseline grows in ")
                + "large steps, and part of a difference between them may be that of their cost.";
        }
    }

    private static ScalingRay Ray(string name) => ScalingRay.Alternatives.First(ray => ray.Name == name);
}
