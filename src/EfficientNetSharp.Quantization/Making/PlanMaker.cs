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
        ArgumentNullException.ThrowIfNull(scheme);
        return Make(graph, weights, ranges, _ => scheme);
    }

    /// <summary>Makes the plan and the integer weights where nodes have schemes of their own.</summary>
    /// <param name="graph">A folded network.</param>
    /// <param name="weights">Its weights as floats.</param>
    /// <param name="ranges">The range of each node's value, by the node's name.</param>
    /// <param name="schemeOf">How a node's numbers become integers; all for one target's arithmetic.</param>
    /// <exception cref="InvalidInputException">
    /// The network is quantized already, a range is missing or not finite, or the schemes are of several targets.
    /// </exception>
    public static (Graph Graph, WeightSet Weights) Make(
        Graph graph, WeightSet weights, IReadOnlyDictionary<string, ValueRange> ranges, Func<Node, QuantizationScheme> schemeOf)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(schemeOf);
        graph.EnsureFloat("Quantization");
        var arithmetics = graph.Nodes.Select(node => schemeOf(node).Arithmetic).Distinct().ToList();
        if (arithmetics.Count > 1)
            throw new InvalidInputException(
                $"A plan follows one target's arithmetic, found schemes of {string.Join(" and ", arithmetics)}; take schemes of one of them.");
        var values = ValuesOf(graph, ranges, schemeOf);
        var kernels = graph.Nodes
            .SelectMany(node => node.Parameters.Select(parameter => (Node: node, Parameter: parameter)))
            .Where(pair => pair.Parameter.Role is ParameterRole.ConvolutionKernel or ParameterRole.LinearKernel)
            .ToImmutableSortedDictionary(
                pair => pair.Parameter.Name, pair => KernelRounding.QuantizationOf(weights[pair.Parameter], schemeOf(pair.Node)),
                StringComparer.Ordinal);
        var plan = new QuantizationPlan { Arithmetic = arithmetics[0], Values = values, Kernels = kernels };
        plan = KernelRounding.WithBiasesThatFit(graph, weights, plan);
        var quantized = graph.WithQuantization(plan);
        return (quantized, IntegerWeights.Round(quantized, weights));
    }

    private static ImmutableSortedDictionary<string, ValueQuantization> ValuesOf(
        Graph graph, IReadOnlyDictionary<string, ValueRange> ranges, Func<Node, QuantizationScheme> schemeOf)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ValueQuantization>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var scheme = schemeOf(node);
            if (!scheme.RoundsOutput && graph.Outputs.Contains(node)) continue;
            values[node.Name] = node.Operator switch
            {
                _ when KeepsScale(node, scheme.Arithmetic) && values.TryGetValue(graph.Nodes[node.Inputs[0]].Name, out var input)
                    && input.Type == scheme.ValueType => input,
                Activation function => QuantizationOf(function.Kind, RangeOf(node, ranges), scheme),
                _ => scheme.QuantizationFor(RangeOf(node, ranges)),
            };
        }

        var uses = graph.CountUses();

        // What only a concatenation takes would be rounded to its steps there in any case, and once is better than twice.
        foreach (var node in graph.Nodes.Where(node => node.Operator is Concatenation))
        {
            if (!values.TryGetValue(node.Name, out var joined)) continue;
            foreach (var input in node.Inputs.Select(index => graph.Nodes[index]).Where(input => uses[input.Index] == 1))
            {
                if (values.TryGetValue(input.Name, out var own) && own.Type == joined.Type && !KeepsScale(input, schemeOf(input).Arithmetic)
                    && input.Operator is not (Input or Activation { Kind: ActivationKind.Sigmoid or ActivationKind.HardSigmoid }))
                    values[input.Name] = joined with { Sigmoid = own.Sigmoid };
            }
        }

        // What a ReLU cuts off need not be held before it: the layer's sums are cut off at its range at once.
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 } && uses[node.Inputs[0]] == 1
                && values.TryGetValue(node.Name, out var own) && graph.Nodes[node.Inputs[0]] is { Operator: not Input } before
                && (!values.TryGetValue(before.Name, out var given) || given.Type == own.Type))
                values[before.Name] = own;
        }

        return values.ToImmutable();
    }

    // They choose among their input's integers, order them or put zeros beside them; TensorFlow Lite's mean over windows has no other scale.
    private static bool KeepsScale(Node node, IntegerArithmetic arithmetic) =>
        node.Operator is MaxPool or Flatten or ZeroPad or ChannelSlice or ChannelShuffle
        || (node.Operator is AveragePool && arithmetic == IntegerArithmetic.TfLite);

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
