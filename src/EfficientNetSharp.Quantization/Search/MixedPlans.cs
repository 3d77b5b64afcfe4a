using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Making;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>
/// Makes plans in which some layers have the wide type. Each is made from the start: which ranges a value has follows from the type that it
/// gets, and nothing is left of another plan.
/// </summary>
internal sealed class MixedPlans
{
    private readonly CalibratedNetwork _network;
    private readonly PlanTarget _target;
    private readonly ImmutableDictionary<string, ValueRange> _narrow, _wide;
    private readonly Dictionary<string, string> _layerOf;
    private readonly QuantizedNetwork? _repaired;

    /// <summary>Prepares to make plans.</summary>
    /// <param name="network">The network.</param>
    /// <param name="target">What for.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="narrow">Ranges of values in the narrow type.</param>
    public MixedPlans(
        CalibratedNetwork network, PlanTarget target, ImmutableArray<PlanLayer> layers, ImmutableDictionary<string, ValueRange> narrow)
    {
        (_network, _target, _narrow) = (network, target, narrow);
        // Sixteen bits hold all that was seen and lose nothing by it.
        _wide = network.Graph.Nodes.ToImmutableDictionary(
            node => node.Name, node => Calibrator.MinMax.Choose(network.Values[node.Name], target.Wide), StringComparer.Ordinal);
        _layerOf = layers.SelectMany(layer => layer.Nodes.Select(node => (node.Name, Layer: layer.Name)))
            .ToDictionary(pair => pair.Name, pair => pair.Layer, StringComparer.Ordinal);
    }

    private MixedPlans(MixedPlans plans, QuantizedNetwork repaired) =>
        (_network, _target, _narrow, _wide, _layerOf, _repaired) =
        (plans._network, plans._target, plans._narrow, plans._wide, plans._layerOf, repaired);

    /// <summary>
    /// The same plans with repaired layers of the narrow type. With all of them repaired each layer's outputs are right on average, so that
    /// what was mended in a layer is what it loses itself, whatever type the layers before it have.
    /// </summary>
    /// <param name="repaired">The network with all layers in the narrow type, repaired.</param>
    public MixedPlans With(QuantizedNetwork repaired) => new(this, repaired);

    /// <summary>The device's name for the type of a node.</summary>
    public Func<Node, string> TypesOf(IReadOnlySet<string> wide) =>
        node => wide.Contains(_layerOf[node.Name]) ? _target.WideType : _target.NarrowType;

    /// <summary>Makes a plan.</summary>
    /// <param name="wide">Names of the layers of the wide type.</param>
    /// <returns>The network of floats with its converters, and the same in integers.</returns>
    public (Graph Floats, QuantizedNetwork Network) Make(IReadOnlySet<string> wide)
    {
        var typeOf = TypesOf(wide);
        var (graph, converters) = TypeConverters.Insert(_network.Graph, typeOf);
        var ranges = graph.Nodes.ToDictionary(
            node => node.Name,
            node => converters.TryGetValue(node.Name, out var converter)
                ? RangesOf(converter.Type)[converter.Source.Name] : RangesOf(typeOf(node))[node.Name],
            StringComparer.Ordinal);
        var (quantized, weights) = PlanMaker.Make(
            graph, _network.Weights, ranges,
            node => SchemeOf(converters.TryGetValue(node.Name, out var converter) ? converter.Type : typeOf(node)));
        var network = new QuantizedNetwork(quantized, weights);
        return (graph, _repaired is null ? network : WithRepairs(network, _repaired));
    }

    /// <summary>
    /// Ranges in the narrow type: by the calibrator that does best on some images, before functions by the error behind them.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="target">Whose narrow type.</param>
    /// <param name="signalToNoise">How good a network is, in decibels.</param>
    /// <returns>The ranges, and how good the network is with them.</returns>
    public static (ImmutableDictionary<string, ValueRange> Ranges, double Decibels) NarrowRanges(
        CalibratedNetwork network, PlanTarget target, Func<QuantizedNetwork, double> signalToNoise)
    {
        ImmutableDictionary<string, ValueRange>? best = null;
        double found = double.NegativeInfinity;
        foreach (var calibrator in Calibrator.All)
        {
            var ranges = network.Graph.Nodes.ToImmutableDictionary(
                node => node.Name, node => calibrator.Choose(network.Values[node.Name], target.Narrow), StringComparer.Ordinal);
            foreach (var candidate in new[] { ranges, FunctionRanges.Refine(network.Graph, network.Values, ranges, target.Narrow) })
            {
                var (graph, weights) = PlanMaker.Make(network.Graph, network.Weights, candidate, target.Narrow);
                double decibels = signalToNoise(new QuantizedNetwork(graph, weights));
                if (decibels > found) (best, found) = (candidate, decibels);
            }
        }

        return (best!, found);
    }

    // A layer is taken over where its integers stand for the same: its kernel's, and its inputs', on which the steps of its bias rest.
    private static QuantizedNetwork WithRepairs(QuantizedNetwork made, QuantizedNetwork repaired)
    {
        var (plan, others) = (made.Graph.Quantization!, repaired.Graph.Quantization!);
        var tensors = new Dictionary<string, WeightTensor>(made.Weights, StringComparer.Ordinal);
        foreach (var node in made.Graph.Nodes)
        {
            if (plan.OfKernel(node) is not { } kernel) continue;
            var other = repaired.Graph[node.Name];
            var (input, otherInput) = (plan.Of(made.Graph.Nodes[node.Inputs[0]]), others.Of(repaired.Graph.Nodes[other.Inputs[0]]));
            if (kernel != others.OfKernel(other) || input is null || otherInput is null
                || input with { Sigmoid = null } != otherInput with { Sigmoid = null }) continue;
            foreach (var parameter in node.Parameters) tensors[parameter.Name] = repaired.Weights[parameter];
        }

        return made with { Weights = new WeightSet(tensors) };
    }

    private ImmutableDictionary<string, ValueRange> RangesOf(string type) => type == _target.WideType ? _wide : _narrow;

    private QuantizationScheme SchemeOf(string type) => type == _target.WideType ? _target.Wide : _target.Narrow;
}
