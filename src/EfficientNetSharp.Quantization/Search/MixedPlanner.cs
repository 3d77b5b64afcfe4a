using System.Collections.Immutable;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Quantization.Measuring;
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
    // Images that losses are measured on, of those to calibrate with: an order of layers needs fewer than a range.
    private const int MaxSearchImages = 24;

    // Once what is left is this share of the whole loss, wider plans differ by nothing that images tell.
    private const double Negligible = 1e-3;

    private const double FallOfLoss = 0.75;

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
        var measured = limit.On(network.JudgingLabels.AsSpan());
        var layers = PlanLayer.Of(network.Graph);
        EnsureFits(network, layers);
        float[][] images = [.. network.Images.Take(MaxSearchImages)];
        // What is fitted to images loses less on them than on others. Few images have to serve for both.
        IReadOnlyList<float[]> fitted = network.Images.Count < 2 * MaxSearchImages ? network.Images : [.. network.Images.Skip(MaxSearchImages)];
        float[][] floats = network.Run(network.Graph, network.Weights, images, cancellationToken);
        progress?.Report(new QuantizationProgress("ranges", 0));
        var (ranges, decibels) = MixedPlans.NarrowRanges(network, target, made => Searched(made).SignalToNoise);
        var equal = CrossLayerEqualization.Apply(network.Graph, network.Weights);
        using var equalized = equal == network.Weights ? null : network.With(network.Graph, equal, progress, cancellationToken);
        var used = network;
        if (equalized is not null)
        {
            var (others, otherDecibels) = MixedPlans.NarrowRanges(equalized, target, made => Searched(made).SignalToNoise);
            if (otherDecibels > decibels) (used, ranges) = (equalized, others);
        }

        var names = layers.Select(layer => layer.Name).ToImmutableHashSet(StringComparer.Ordinal);
        var none = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
        var plans = Repaired(new MixedPlans(used, target, layers, ranges));
        var neighbours = PlanLayer.Neighbours(layers);

        double wholeMs = Cost(none).Ms;
        var losses = layers.Select((layer, i) =>
        {
            progress?.Report(new QuantizationProgress($"what {Files.OneLine.Clean(layer.Name)} loses alone", (double)i / layers.Length));
            return new LayerSensitivity(
                layer, NoiseOf(Searched(plans.Make(names.Remove(layer.Name)).Network)),
                layer.Nodes.Max(node => LayerEntropy.LossOf(used.Values[node.Name], ranges[node.Name], target.Narrow)),
                Cost(none.Add(layer.Name)).Ms - wholeMs);
        }).ToImmutableArray();

        // All sets of wide layers on the way, of which some are tried.
        var way = new List<ImmutableHashSet<string>> { none };
        var tried = Widen();
        var result = Choose();
        var steps = new List<QuantizationStep>();
        if (tried[0].Judged is { } start && tried[0] != result.Point) steps.Add(new QuantizationStep($"all layers in {target.NarrowType}", start, false));
        steps.Add(new QuantizationStep(result.Search.Describe(), result.Point.Judged!, true));
        target.Check(result.Network.Graph);
        return result.Network with { Steps = [.. steps], Search = result.Search };

        DevicePrediction Cost(IReadOnlySet<string> wide) => device.Predict(used.Graph, plans.TypesOf(wide));

        OutputAgreement Searched(QuantizedNetwork made) => network.Compare(made, images, floats, cancellationToken);

        MixedPlans Repaired(MixedPlans plans)
        {
            var (graph, narrow) = plans.Make(none);
            var best = narrow;
            // By images that repairs are not fitted to.
            double decibels = network.Judge(narrow, cancellationToken).SignalToNoise;
            foreach (bool adapts in AdaptsRounding ? new[] { false, true } : [false])
            {
                string name = (adapts ? Repair.Rounding : Repair.Bias).Description;
                var told = new SynchronousProgress<double>(share => progress?.Report(new QuantizationProgress(name, share)));
                var repair = new PlanRepair(graph, used.Weights, used.Options) { AdaptsRounding = adapts };
                var repaired = narrow with { Weights = repair.Apply(narrow.Graph, narrow.Weights, fitted, told, cancellationToken) };
                double found = network.Judge(repaired, cancellationToken).SignalToNoise;
                if (found > decibels) (best, decibels) = (repaired, found);
            }

            return best == narrow ? plans : plans.With(best);
        }

        PlanPoint PointOf(ImmutableHashSet<string> wide)
        {
            var cost = Cost(wide);
            return new PlanPoint(wide, cost.Ms, cost.FileBytes, cost.Converters, Searched(plans.Make(wide).Network));
        }

        // Plans are run where what is left to win has fallen by a part; between them images would tell nothing apart.
        List<PlanPoint> Widen()
        {
            var points = new List<PlanPoint> { PointOf(none) };
            var wide = none;
            double whole = LeftBy(none), last = whole;
            while (wide.Count < layers.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var before = wide;
                wide = Joined(wide.Add(NextOf(wide)));
                if (limit.MaxMs is { } max && Cost(before).Ms <= max && Cost(wide).Ms > max && points[^1].Wide != before)
                    points.Add(PointOf(before));
                if (wide.Count < layers.Length && LeftBy(wide) <= Negligible * whole)
                {
                    points.Add(PointOf(wide));
                    way.Add(wide);
                    wide = names;
                }

                way.Add(wide);
                if (LeftBy(wide) > FallOfLoss * last && wide.Count < layers.Length) continue;
                progress?.Report(new QuantizationProgress("widening layers", (double)wide.Count / layers.Length));
                last = LeftBy(wide);
                points.Add(PointOf(wide));
            }

            return points;
        }

        double LeftBy(ImmutableHashSet<string> wide) => losses.Where(loss => !wide.Contains(loss.Layer.Name)).Sum(loss => loss.Noise);

        // The layer whose loss is largest for the time that widening it adds, beside those that are wide already; as long as any does, one
        // that keeps the time.
        string NextOf(ImmutableHashSet<string> wide)
        {
            double now = Cost(wide).Ms;
            var open = losses.Where(loss => !wide.Contains(loss.Layer.Name))
                .Select(loss => (Loss: loss, Cost(wide.Add(loss.Layer.Name)).Ms)).ToList();
            var fitting = open.Where(one => limit.MaxMs is not { } max || one.Ms <= max).ToList();
            return (fitting.Count > 0 ? fitting : open)
                .MaxBy(one => one.Loss.Noise / Math.Max(one.Ms - now, 1e-6 * wholeMs)).Loss.Layer.Name;
        }

        // Layers beside wide ones that cost no more in the wide type than their converters.
        ImmutableHashSet<string> Joined(ImmutableHashSet<string> wide)
        {
            while (true)
            {
                double now = Cost(wide).Ms;
                var free = layers.FirstOrDefault(layer => !wide.Contains(layer.Name) && neighbours[layer.Name].Overlaps(wide)
                    && Cost(wide.Add(layer.Name)).Ms <= now);
                if (free is null) return wide;
                wide = wide.Add(free.Name);
            }
        }

        (QuantizedNetwork Network, PlanPoint Point, SearchResult Search) Choose()
        {
            int[] order = limit.MaxMs is { } max
                ? [.. Enumerable.Range(0, tried.Count).Where(i => tried[i].Ms <= max)
                    .OrderByDescending(i => tried[i].Searched.SignalToNoise).Take(1)]
                : [.. Enumerable.Range(0, tried.Count).OrderBy(i => tried[i].Ms)];
            // The first that keeps the limit, by halving: wider plans are nearer to the floats but for what images scatter.
            QuantizedNetwork? made = null;
            int low = 0, high = order.Length - 1, chosen = -1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                progress?.Report(new QuantizationProgress("judging plans", 1 - ((double)(high - low + 1) / order.Length)));
                int at = order[middle];
                (var candidate, tried[at]) = Judged(tried[at]);
                // Where none keeps it, the last that is judged, the widest, is what there is.
                if (KeepsBy(at) || chosen < 0 || !KeepsBy(chosen)) (made, chosen) = (candidate, at);
                if (KeepsBy(at)) high = middle - 1;
                else low = middle + 1;
            }

            if (limit.MaxMs is null && KeepsBy(chosen)) HalveBetween();
            if (tried[0].Judged is null) tried[0] = Judged(tried[0]).Point;
            var search = new SearchResult
            {
                Target = target, Device = device.Name, Limit = measured, Layers = losses, Tried = [.. tried], Chosen = tried[chosen],
                KeepsLimit = KeepsBy(chosen),
            };
            return (made!, tried[chosen], search);

            // What was not tried between the chosen plan and the one before it, by halving again.
            void HalveBetween()
            {
                int upper = PlaceOf(chosen), lower = chosen == 0 ? upper : PlaceOf(chosen - 1);
                while (upper - lower > 1)
                {
                    int middle = (lower + upper) / 2;
                    progress?.Report(new QuantizationProgress("judging plans between", 1.0 / (upper - lower)));
                    var (candidate, point) = Judged(PointOf(way[middle]));
                    bool isBetter = measured.Keeps(point.Drop!.Value) && point.Ms < tried[chosen].Ms;
                    tried.Insert(chosen, point);
                    if (isBetter) (made, upper) = (candidate, middle);
                    else (chosen, lower) = (chosen + 1, middle);
                }
            }
        }

        int PlaceOf(int point) => way.FindIndex(wide => wide.SetEquals(tried[point].Wide));

        bool KeepsBy(int point) => measured.Keeps(tried[point].Drop!.Value);

        // With its biases corrected where that brings it nearer on the search's images.
        (QuantizedNetwork Network, PlanPoint Point) Judged(PlanPoint point)
        {
            var (graph, rounded) = plans.Make(point.Wide);
            var mended = new QuantizedNetwork(
                rounded.Graph, new PlanRepair(graph, used.Weights, used.Options).Apply(
                    rounded.Graph, rounded.Weights, fitted, null, cancellationToken));
            bool isBetter = Searched(mended).SignalToNoise > point.Searched.SignalToNoise;
            var best = isBetter ? mended : rounded;
            var (judged, drop) = network.Judge(best, measured.Measure, cancellationToken);
            return (best, point with { Judged = judged, Drop = drop, IsRepaired = isBetter });
        }
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

    private static double NoiseOf(OutputAgreement agreement) => Math.Pow(10, -agreement.SignalToNoise / 10);
}
