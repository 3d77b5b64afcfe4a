using System.Collections.Immutable;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Repairs;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>
/// Finds which layers are worth 16 bits: what each loses in 8 bits is measured, what each costs in 16 is the device's prediction, and
/// layers are widened in the order of what that wins per millisecond.
/// </summary>
/// <remarks>
/// The narrow type is repaired first, as far as that helps: channels are equalized, weights rounded by what that does to each layer's
/// outputs, biases corrected. What is lost then is what repairs do not win back. There are three sets of images: ranges and losses come
/// from those that the network was calibrated with, the choice among the plans from those to judge by, and whoever calls keeps others to
/// tell how good the choice is. Of the first, repairs are fitted to others than losses are measured on, where there are 48 or more.
/// </remarks>
/// <param name="target">What the plans are for.</param>
/// <param name="device">The device whose prices count.</param>
/// <param name="limit">What the plan is to keep.</param>
public sealed class MixedPlanner(PlanTarget target, DeviceProfile device, SearchLimit limit) : IQuantizationPlanner
{
    /// <summary>
    /// Whether weights of the narrow type may be rounded by what that does to their layer's outputs. Default yes; it takes most of the
    /// time, minutes where kernels are large.
    /// </summary>
    public bool AdaptsRounding { get; init; } = true;

    /// <inheritdoc />
    /// <exception cref="InvalidInputException">
    /// Even the narrow network takes longer than is allowed, the device has not the target's types, or as of the interface.
    /// </exception>
    public QuantizedNetwork Plan(
        CalibratedNetwork network, IProgress<QuantizationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        var search = new MixedSearch(network, target, device, limit.On(network.JudgingLabels.AsSpan()), progress, cancellationToken);
        EnsureFits(network, search.Layers);
        progress?.Report(new QuantizationProgress("ranges", 0));
        var (ranges, decibels) = MixedPlans.NarrowRanges(network, target, made => search.Measure(made).SignalToNoise);
        var equal = CrossLayerEqualization.Apply(network.Graph, network.Weights);
        using var equalized = equal == network.Weights ? null : network.With(network.Graph, equal, progress, cancellationToken);
        if (equalized is not null)
        {
            var (others, otherDecibels) = MixedPlans.NarrowRanges(equalized, target, made => search.Measure(made).SignalToNoise);
            if (otherDecibels > decibels) (search.Equalized, ranges) = (equalized, others);
        }

        search.Plans = new MixedPlans(search.Equalized, target, search.Layers, ranges);
        search.RepairNarrow(AdaptsRounding);
        var losses = LossesOf(search, ranges);
        var path = new WideningPath(search, losses);
        var choice = new PlanChoice(search, path);
        var result = new SearchResult
        {
            Target = target, Device = device.Name, Limit = search.Limit, Layers = losses, Tried = [.. path.Tried], Chosen = choice.Point,
            KeepsLimit = choice.KeepsLimit,
        };
        var chosen = new QuantizationStep(result.Describe(), choice.Point.Judged!, true);
        target.Check(choice.Network.Graph);
        return choice.Network with
        {
            Steps = path.Tried[0] == choice.Point ? [chosen]
                : [new QuantizationStep($"all layers in {target.NarrowType}", path.Tried[0].Judged!, false), chosen],
            Search = result,
        };
    }

    // With all other layers in the wide type.
    private ImmutableArray<LayerSensitivity> LossesOf(MixedSearch search, ImmutableDictionary<string, ValueRange> ranges)
    {
        var all = search.Layers.Select(layer => layer.Name).ToImmutableHashSet(StringComparer.Ordinal);
        double wholeMs = search.Cost(MixedSearch.None).Ms;
        return [.. search.Layers.Select((layer, i) =>
        {
            search.Progress?.Report(
                new QuantizationProgress($"what {Files.OneLine.Clean(layer.Name)} loses alone", (double)i / search.Layers.Length));
            double decibels = search.Measure(search.Plans.Make(all.Remove(layer.Name)).Network).SignalToNoise;
            return new LayerSensitivity(
                layer, Math.Pow(10, -decibels / 10),
                layer.Nodes.Max(node => LayerEntropy.LossOf(search.Equalized.Values[node.Name], ranges[node.Name], target.Narrow)),
                search.Cost(MixedSearch.None.Add(layer.Name)).Ms - wholeMs);
        })];
    }

    private void EnsureFits(CalibratedNetwork network, ImmutableArray<PlanLayer> layers)
    {
        device.TypeOf(target.NarrowType);
        device.TypeOf(target.WideType);
        double narrow = device.Predict(network.Graph, target.NarrowType).Ms;
        if (limit.MaxMs is { } max && narrow > max)
            throw new InvalidInputException(FormattableString.Invariant(
                $"Even with all {layers.Length} layers in {target.NarrowType} the network takes {narrow:F2} ms on {Files.OneLine.Clean(device.Name)} as predicted, more than {max:0.##}; allow more, or take a smaller network ('effnet scale --latency')."));
    }
}
