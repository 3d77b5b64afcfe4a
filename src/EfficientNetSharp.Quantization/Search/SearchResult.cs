using System.Collections.Immutable;
using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>A layer as the search sees it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Noise">
/// What it loses alone: the network's output error, squared and relative, with this layer in the narrow type and all others in the wide
/// one.
/// </param>
/// <param name="EntropyLoss">
/// The rival measure: the largest share of its values' entropy that the narrow type loses, 0 to 1 (<see cref="LayerEntropy"/>).
/// </param>
/// <param name="AddedMs">
/// What widening it alone adds to the narrow network's predicted time, converters included; negative if it saves any.
/// </param>
public sealed record LayerSensitivity(PlanLayer Layer, double Noise, double EntropyLoss, double AddedMs);

/// <summary>A plan on the way from all narrow to all wide.</summary>
/// <param name="Wide">Names of the layers of the wide type.</param>
/// <param name="Ms">Predicted milliseconds.</param>
/// <param name="FileBytes">Predicted bytes of the device's file.</param>
/// <param name="Converters">Changes of type.</param>
/// <param name="Searched">How near its outputs are on the images that the search saw.</param>
public sealed record PlanPoint(ImmutableHashSet<string> Wide, double Ms, long FileBytes, int Converters, OutputAgreement Searched)
{
    /// <summary>
    /// How near its outputs are on images that the search did not see; <see langword="null"/> where the choice did not need it.
    /// </summary>
    public OutputAgreement? Judged { get; init; }

    /// <summary>What it loses by the search's measure on those images.</summary>
    public MeasuredDrop? Drop { get; init; }

    /// <summary>Whether repairs of the integers are in <see cref="Judged"/>.</summary>
    public bool IsRepaired { get; init; }
}

/// <summary>What a search found.</summary>
public sealed record SearchResult
{
    /// <summary>What the plans are for.</summary>
    public required PlanTarget Target { get; init; }

    /// <summary>The device whose prices were used.</summary>
    public required string Device { get; init; }

    /// <summary>What was asked for.</summary>
    public required SearchLimit Limit { get; init; }

    /// <summary>The layers, in the network's order.</summary>
    public required ImmutableArray<LayerSensitivity> Layers { get; init; }

    /// <summary>The plans that were tried, from all narrow to all wide.</summary>
    public required ImmutableArray<PlanPoint> Tried { get; init; }

    /// <summary>The chosen one.</summary>
    public required PlanPoint Chosen { get; init; }

    /// <summary>Whether the chosen plan keeps the limit on images that the search did not see.</summary>
    public required bool KeepsLimit { get; init; }

    /// <summary>The plans than which none is both faster and nearer to the float network.</summary>
    public ImmutableArray<PlanPoint> Front =>
        [.. Tried.Where(point => !Tried.Any(other => IsBetter(other, point))).OrderBy(point => point.Ms)];

    /// <summary>
    /// How far the entropy's order of layers is the measured one (Spearman's rank correlation, 1 for the same order); <see
    /// langword="null"/>
    /// with fewer than three layers.
    /// </summary>
    public double? EntropyCorrelation => RankCorrelation.Of(
        [.. Layers.Select(layer => layer.Noise)], [.. Layers.Select(layer => layer.EntropyLoss)]);

    /// <summary>The chosen plan in words.</summary>
    public string Describe() => SearchWords.Of(this);

    private static bool IsBetter(PlanPoint a, PlanPoint b)
    {
        double first = a.Searched.SignalToNoise, second = b.Searched.SignalToNoise;
        return a.Ms <= b.Ms && first >= second && (a.Ms < b.Ms || first > second);
    }
}
