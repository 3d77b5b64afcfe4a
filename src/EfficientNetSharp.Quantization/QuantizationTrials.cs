using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Repairs;

namespace EfficientNetSharp.Quantization;

/// <summary>Tries one thing after the other on a network and keeps what helps.</summary>
/// <param name="calibrated">The network.</param>
/// <param name="scheme">How numbers become integers.</param>
/// <param name="progress">Told of what is being done.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class QuantizationTrials(
    CalibratedNetwork calibrated, QuantizationScheme scheme, IProgress<QuantizationProgress>? progress, CancellationToken cancellationToken)
    : IDisposable
{
    // Decibels that another draw of images may make; a step that gains less is not worth its place.
    private const double LeastGain = 0.1;

    // Of equalization that is approximate: the larger, the more even ranges are, and the further the network is from what it computed.
    private static readonly double[] FactorBounds = [1.5, 4];

    private CalibratedNetwork? _equalized;
    private Calibrator _calibrator = Calibrator.MinMax;
    private ImmutableDictionary<string, ValueRange> _ranges = ImmutableDictionary<string, ValueRange>.Empty;
    private QuantizedNetwork? _best, _rounded;
    private OutputAgreement? _agreement;

    /// <summary>The best network so far.</summary>
    public QuantizedNetwork Best => _best ?? throw new InvalidOperationException("Nothing was tried yet.");

    /// <summary>What was tried.</summary>
    public List<QuantizationStep> Steps { get; } = [];

    /// <summary>Ranges by a calibrator, weights to the nearest.</summary>
    public void Calibrate(Calibrator calibrator, bool? isKept)
    {
        if (TryRanges($"ranges by {calibrator.Name}: {calibrator.Description}", Network, RangesOf(Network, calibrator), isKept))
            _calibrator = calibrator;
    }

    /// <summary>Channels brought to like ranges; nothing happens where no channel may be scaled.</summary>
    public void Equalize(bool? isKept)
    {
        var weights = CrossLayerEqualization.Apply(Network.Graph, Network.Weights);
        if (weights == Network.Weights) return;
        weights = HighBiasAbsorption.Apply(Network.Graph, weights, Network.Images, Network.Options);
        var equalized = Network.With(Network.Graph, weights, progress, cancellationToken);
        if (TryRanges(Repair.Equalization.Description, equalized, RangesOf(equalized, _calibrator), isKept)) _equalized = equalized;
        else equalized.Dispose();
    }

    /// <summary>
    /// Channels brought to like ranges through functions that let factors through only nearly, with the bound on factors that does best;
    /// nothing happens where there are none.
    /// </summary>
    public void EqualizeApproximately(bool? isKept)
    {
        (CalibratedNetwork Network, ImmutableDictionary<string, ValueRange> Ranges, QuantizedNetwork Made, OutputAgreement Agreement)? best = null;
        bool isBounded = Network.Graph.Nodes.Any(node => node.Operator is Activation { Kind: ActivationKind.Silu or ActivationKind.HardSwish });
        foreach (double bound in isBounded ? FactorBounds : FactorBounds[..1])
        {
            var weights = ApproximateEqualization.Apply(Network.Graph, Network.Weights, Network.Images, bound, Network.Options);
            if (weights == Network.Weights) return;
            var equalized = Network.With(Network.Graph, weights, progress, cancellationToken);
            var ranges = RangesOf(equalized, _calibrator);
            var (graph, integers) = PlanMaker.Make(equalized.Graph, equalized.Weights, ranges, scheme);
            var made = new QuantizedNetwork(graph, integers);
            progress?.Report(new QuantizationProgress(Repair.ApproximateEqualization.Description, 0));
            var agreement = calibrated.Judge(made, cancellationToken);
            if (best is null || agreement.SignalToNoise > best.Value.Agreement.SignalToNoise)
            {
                best?.Network.Dispose();
                best = (equalized, ranges, made, agreement);
            }
            else
            {
                equalized.Dispose();
            }
        }

        var chosen = best!.Value;
        if (!Keep(Repair.ApproximateEqualization.Description, chosen.Made, chosen.Agreement, isKept))
        {
            chosen.Network.Dispose();
            return;
        }

        _equalized?.Dispose();
        (_equalized, _ranges, _rounded) = (chosen.Network, chosen.Ranges, chosen.Made);
    }

    /// <inheritdoc />
    public void Dispose() => _equalized?.Dispose();

    private CalibratedNetwork Network => _equalized ?? calibrated;

    /// <summary>Ranges before functions by the error behind them.</summary>
    public void RefineRanges(bool? isKept)
    {
        var refined = FunctionRanges.Refine(Network.Graph, Network.Values, _ranges, scheme);
        if (refined.Any(pair => pair.Value != _ranges[pair.Key])) TryRanges(Repair.Ranges.Description, Network, refined, isKept);
    }

    /// <summary>The integers of the best plan fitted to the images. It begins with weights to the nearest, whatever was kept before.</summary>
    public void Mend(Repair repair, bool? isKept)
    {
        var mender = new PlanRepair(Network.Graph, Network.Weights, Network.Options) { AdaptsRounding = repair == Repair.Rounding };
        var told = new SynchronousProgress<double>(share => progress?.Report(new QuantizationProgress(repair.Description, share)));
        var weights = mender.Apply(_rounded!.Graph, _rounded.Weights, Network.Images, told, cancellationToken);
        Judge(repair.Description, new QuantizedNetwork(_rounded.Graph, weights), isKept);
    }

    private ImmutableDictionary<string, ValueRange> RangesOf(CalibratedNetwork network, Calibrator calibrator) =>
        network.Graph.Nodes.ToImmutableDictionary(
            node => node.Name, node => calibrator.Choose(network.Values[node.Name], scheme), StringComparer.Ordinal);

    private bool TryRanges(string name, CalibratedNetwork network, ImmutableDictionary<string, ValueRange> ranges, bool? isKept)
    {
        var (graph, weights) = PlanMaker.Make(network.Graph, network.Weights, ranges, scheme);
        var made = new QuantizedNetwork(graph, weights);
        bool isBetter = Judge(name, made, isKept);
        if (isBetter) (_ranges, _rounded) = (ranges, made);
        return isBetter;
    }

    private bool Judge(string name, QuantizedNetwork made, bool? isKept)
    {
        progress?.Report(new QuantizationProgress(name, 0));
        return Keep(name, made, calibrated.Judge(made, cancellationToken), isKept);
    }

    private bool Keep(string name, QuantizedNetwork made, OutputAgreement agreement, bool? isKept)
    {
        bool keeps = isKept ?? agreement.SignalToNoise > (_agreement?.SignalToNoise ?? double.NegativeInfinity) + LeastGain;
        Steps.Add(new QuantizationStep(name, agreement, keeps));
        if (keeps) (_best, _agreement) = (made, agreement);
        return keeps;
    }
}
