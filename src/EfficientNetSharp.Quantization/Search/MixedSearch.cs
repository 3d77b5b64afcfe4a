using System.Collections.Immutable;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Repairs;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>What a search for a mixed plan knows, and how it tries one.</summary>
internal sealed class MixedSearch
{
    // Images that losses are measured on, of those to calibrate with: an order of layers needs fewer than a range.
    private const int MaxSearchImages = 24;

    private readonly float[][] _images, _floats;
    private readonly IReadOnlyList<float[]> _fitted;

    /// <summary>Takes a network.</summary>
    /// <param name="network">The network with its images.</param>
    /// <param name="target">What the plans are for.</param>
    /// <param name="device">The device whose prices count.</param>
    /// <param name="limit">What the plan is to keep, by the labels of the images to judge by.</param>
    /// <param name="progress">Told of what is being done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public MixedSearch(
        CalibratedNetwork network, PlanTarget target, DeviceProfile device, SearchLimit limit, IProgress<QuantizationProgress>? progress,
        CancellationToken cancellationToken)
    {
        (Network, Equalized, Target, Device, Limit, Progress, CancellationToken) =
            (network, network, target, device, limit, progress, cancellationToken);
        Layers = PlanLayer.Of(network.Graph);
        _images = [.. network.Images.Take(MaxSearchImages)];
        // What is fitted to images loses less on them than on others. Few images have to serve for both.
        _fitted = network.Images.Count < 2 * MaxSearchImages ? network.Images : [.. network.Images.Skip(MaxSearchImages)];
        _floats = network.Run(network.Graph, network.Weights, _images, cancellationToken);
    }

    /// <summary>No wide layer.</summary>
    public static ImmutableHashSet<string> None { get; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The network as it came.</summary>
    public CalibratedNetwork Network { get; }

    /// <summary>The network that plans are made of, its channels brought to like ranges where that helps.</summary>
    public CalibratedNetwork Equalized { get; set; }

    public PlanTarget Target { get; }

    public DeviceProfile Device { get; }

    public SearchLimit Limit { get; }

    public IProgress<QuantizationProgress>? Progress { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>The layers, in the network's order.</summary>
    public ImmutableArray<PlanLayer> Layers { get; }

    /// <summary>Makes the plans; set before any is tried.</summary>
    public MixedPlans Plans { get; set; } = null!;

    /// <summary>What a plan takes on the device.</summary>
    /// <param name="wide">Names of the layers of the wide type.</param>
    public DevicePrediction Cost(IReadOnlySet<string> wide) => Device.Predict(Equalized.Graph, Plans.TypesOf(wide));

    /// <summary>How near a network is to the floats on the search's own images.</summary>
    public OutputAgreement Measure(QuantizedNetwork made) => Network.Compare(made, _images, _floats, CancellationToken);

    /// <summary>A plan, tried on the search's own images.</summary>
    /// <param name="wide">Names of the layers of the wide type.</param>
    public PlanPoint Try(ImmutableHashSet<string> wide)
    {
        var cost = Cost(wide);
        return new PlanPoint(wide, cost.Ms, cost.FileBytes, cost.Converters, Measure(Plans.Make(wide).Network));
    }

    /// <summary>
    /// Has all layers in the narrow type repaired, as far as that brings the outputs nearer on the images to judge by, to which repairs are
    /// not fitted; plans take what was repaired over.
    /// </summary>
    /// <param name="adaptsRounding">Whether weights may be rounded by what that does to their layer's outputs.</param>
    public void RepairNarrow(bool adaptsRounding)
    {
        var (graph, narrow) = Plans.Make(None);
        var best = narrow;
        double decibels = Network.Judge(narrow, CancellationToken).SignalToNoise;
        foreach (bool adapts in adaptsRounding ? new[] { false, true } : [false])
        {
            string name = (adapts ? Repair.Rounding : Repair.Bias).Description;
            var told = new SynchronousProgress<double>(share => Progress?.Report(new QuantizationProgress(name, share)));
            var repair = new PlanRepair(graph, Equalized.Weights, Equalized.Options) { AdaptsRounding = adapts };
            var repaired = narrow with { Weights = repair.Apply(narrow.Graph, narrow.Weights, _fitted, told, CancellationToken) };
            double found = Network.Judge(repaired, CancellationToken).SignalToNoise;
            if (found > decibels) (best, decibels) = (repaired, found);
        }

        if (best != narrow) Plans = Plans.With(best);
    }

    /// <summary>
    /// A plan's network and what it loses on the images to judge by; its biases are corrected where that brings it nearer on the search's
    /// images.
    /// </summary>
    public (QuantizedNetwork Network, PlanPoint Point) Judge(PlanPoint point)
    {
        var (graph, rounded) = Plans.Make(point.Wide);
        var repair = new PlanRepair(graph, Equalized.Weights, Equalized.Options);
        var mended = rounded with { Weights = repair.Apply(rounded.Graph, rounded.Weights, _fitted, null, CancellationToken) };
        bool isBetter = Measure(mended).SignalToNoise > point.Searched.SignalToNoise;
        var best = isBetter ? mended : rounded;
        var (judged, drop) = Network.Judge(best, Limit.Measure, CancellationToken);
        return (best, point with { Judged = judged, Drop = drop, IsRepaired = isBetter });
    }
}
