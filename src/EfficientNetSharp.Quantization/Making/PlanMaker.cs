using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization.Making;

/// <summary>Makes the plan of a scheme from the ranges of values, and the integers that go with it.</summary>
public static class PlanMaker
{
    /// <summary>Makes the plan and the integer weights.</summary>
    /// <param name="graph">A folded network.</param>
    /// <param name="weights">Its weights as floats.</param>
    /// <param name="ranges">The range of each node's value, by the node's name.</param>
    /// <param name="scheme">How numbers become integers.</param>
    /// <exception cref="InvalidInputException">The network is quantized already, or a range is missing or not finite.</exception>
    public static (Graph Graph, WeightSet Weights) Make(
        Graph graph, WeightSet weights, IReadOnlyDictionary<string, ValueRange> ranges, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(scheme);
        graph.EnsureFloat("Quantization");
        var values = ValuesOf(graph, ranges, scheme);
        var kernels = graph.Nodes
            .SelectMany(node => node.Parameters)
            .Where(parameter => parameter.Role is ParameterRole.ConvolutionKernel or ParameterRole.LinearKernel)
            .ToImmutableSortedDictionary(
                parameter => parameter.Name, parameter => KernelRounding.QuantizationOf(weights[parameter], scheme), StringComparer.Ordinal);
        var plan = new QuantizationPlan { Arithmetic = scheme.Arithmetic, Values = values, Kernels = kernels };
        plan = KernelRounding.WithBiasesThatFit(graph, weights, plan);
        var quantized = graph.WithQuantization(plan);
        return (quantized, IntegerWeights.Round(quantized, weights));
    }

    private static ImmutableSortedDictionary<string, ValueQuantization> ValuesOf(
        Graph graph, IReadOnlyDictionary<string, ValueRange> ranges, QuantizationScheme scheme)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ValueQuantization>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (!scheme.RoundsOutput && graph.Outputs.Contains(node)) continue;
            values[node.Name] = node.Operator switch
            {
                // They choose among their input's integers, or order them.
                MaxPool or Flatten when values.TryGetValue(graph.Nodes[node.Inputs[0]].Name, out var input) => input,
                Activation function => QuantizationOf(function.Kind, RangeOf(node, ranges), scheme),
                _ => scheme.QuantizationFor(RangeOf(node, ranges)),
            };
        }

        // What a ReLU cuts off need not be held before it: the layer's sums are cut off at its range at once.
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 } && uses[node.Inputs[0]] == 1
                && values.TryGetValue(node.Name, out var own) && graph.Nodes[node.Inputs[0]].Operator is not Input)
                values[graph.Nodes[node.Inputs[0]].Name] = own;
        }

        return values.ToImmutable();
    }

    /// <summary>What the integers of a function's value stand for.</summary>
    internal static ValueQuantization QuantizationOf(ActivationKind kind, ValueRange range, QuantizationScheme scheme) => kind switch
    {
        ActivationKind.Sigmoid or ActivationKind.HardSigmoid => UnitFor(scheme),
        ActivationKind.Silu when scheme.StoresSigmoid => scheme.QuantizationFor(range) with { Sigmoid = UnitFor(scheme) },
        _ => scheme.QuantizationFor(range),
    };

    // A sigmoid's values are 0 to 1 whatever the images: steps of 1/256 and 1/32768, as targets have them.
    private static ValueQuantization UnitFor(QuantizationScheme scheme) => scheme.ValueType switch
    {
        ElementType.U8 => new ValueQuantization(ElementType.U8, 1f / 256),
        ElementType.I16 => new ValueQuantization(ElementType.I16, 1f / 32768),
        _ when scheme.IsFixedPoint => new ValueQuantization(ElementType.I8, 1f / 128),
        _ => new ValueQuantization(ElementType.I8, 1f / 256, sbyte.MinValue),
    };

    private static ValueRange RangeOf(Node node, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        if (!ranges.TryGetValue(node.Name, out var range))
            throw new InvalidInputException($"The value of {Files.OneLine.Quote(node.Name)} has no range; calibrate the network that is quantized.");
        return float.IsFinite(range.Min) && float.IsFinite(range.Max) && range.Min <= range.Max
            ? range
            : throw new InvalidInputException(
                $"The range of {Files.OneLine.Quote(node.Name)} is {NumberText.Of(range.Min)} to {NumberText.Of(range.Max)}, expected two numbers in order; the network or its images are not usable.");
    }
}
