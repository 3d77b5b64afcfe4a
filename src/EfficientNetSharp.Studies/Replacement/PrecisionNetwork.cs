using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>A trained network in a precision, and what is predicted of it.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Graph">The network, with its plan where it has integers.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Prediction">What it takes on the device; <see langword="null"/> of floats.</param>
/// <param name="WideLayers">The share of its layers that have 16 bits beside others that have not.</param>
internal sealed record PrecisionNetwork(
    StudyPrecision Precision, Graph Graph, WeightSet Weights, DevicePrediction? Prediction, double WideLayers)
{
    // Rounding by each layer's outputs takes minutes where kernels are as large as in iResNets; the vendor's toolkit has none.
    private static readonly ImmutableArray<Repair> Repairs = [Repair.Equalization, Repair.Ranges, Repair.Bias];

    /// <summary>Makes one precision of a trained network after the other.</summary>
    /// <param name="model">The network.</param>
    /// <param name="architecture">What it was made of, for the device's size of images.</param>
    /// <param name="calibrated">It with its numbers.</param>
    /// <param name="settings">Which precisions, and how.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IEnumerable<PrecisionNetwork> Of(
        Model model, Architecture architecture, CalibratedNetwork calibrated, PrecisionSettings settings,
        CancellationToken cancellationToken)
    {
        var (device, target) = (settings.Profile, PlanTarget.Rv1126);
        var onDevice = architecture.Build(new BuildOptions
        {
            InputChannels = model.Card.InputChannels, Classes = 0, Height = settings.DeviceResolution, Width = settings.DeviceResolution,
        });
        foreach (var precision in settings.Precisions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return precision switch
            {
                StudyPrecision.Floats => new PrecisionNetwork(precision, model.BuildGraph(), model.Weights, null, 0),
                StudyPrecision.EightBits => Uniform(precision, new UniformPlanner(target.Narrow) { Tried = Repairs }, target.NarrowType),
                // Sixteen bits hold all that was seen and lose nothing by it.
                StudyPrecision.SixteenBits => Uniform(
                    precision, new UniformPlanner(target.Wide) { Calibrator = Calibrator.MinMax, Repairs = [] }, target.WideType),
                _ => Mixed(),
            };
        }

        PrecisionNetwork Uniform(StudyPrecision precision, UniformPlanner planner, string type)
        {
            var made = planner.Plan(calibrated, cancellationToken: cancellationToken);
            return new PrecisionNetwork(precision, made.Graph, made.Weights, device.Predict(onDevice, type), 0);
        }

        PrecisionNetwork Mixed()
        {
            var limit = SearchLimit.Drop(settings.MaxCosineDrop, DropMeasure.Cosine);
            var made = new MixedPlanner(target, device, limit) { AdaptsRounding = false }.Plan(calibrated, cancellationToken: cancellationToken);
            var (layers, wide) = (made.Search!.Layers, made.Search.Chosen.Wide);
            var typeOf = layers.SelectMany(one => one.Layer.Nodes.Select(node => (
                node.Name, Type: wide.Contains(one.Layer.Name) ? target.WideType : target.NarrowType)))
                .ToDictionary(pair => pair.Name, pair => pair.Type, StringComparer.Ordinal);
            return new PrecisionNetwork(
                StudyPrecision.Mixed, made.Graph, made.Weights, device.Predict(onDevice, TypesFor(onDevice, typeOf)),
                (double)wide.Count / layers.Length);
        }
    }

    // The plan is of the folded network; a node that folding took away has the type of what it takes.
    private static Func<Node, string> TypesFor(Graph graph, Dictionary<string, string> planned)
    {
        var types = new string[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            types[node.Index] = planned.TryGetValue(node.Name, out string? type) ? type
                : types[node.Inputs is [var first, ..] ? first : throw new InvalidOperationException($"{node.Name} has no type.")];
        }

        return node => types[node.Index];
    }
}
