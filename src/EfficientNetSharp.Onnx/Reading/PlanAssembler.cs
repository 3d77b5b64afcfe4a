using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Makes the plan of a network whose file rounds values or has integer kernels, and the integers that go with it.</summary>
internal sealed class PlanAssembler
{
    // How far a file's step of a bias may be from what input and kernel make of it to be the same number: float32's rounding twice.
    private const double SameScale = 1e-6;

    private readonly Dictionary<string, ValueQuantization> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Node Node, Layer Layer)> _layers = new(StringComparer.Ordinal);

    /// <summary>Whether a node's value has integers already.</summary>
    public bool IsRounded(Node node) => _values.ContainsKey(node.Name);

    /// <summary>Rounds a node's value.</summary>
    public void Round(Node node, ValueQuantization quantization) => _values[node.Name] = _layers.GetValueOrDefault(node.Name).Layer?.Gate is { } gate
        ? quantization with { Sigmoid = gate } : quantization;

    /// <summary>Tells of a layer that the file's integers may belong to.</summary>
    public void Add(Node node, Layer layer) => _layers[node.Name] = (node, layer);

    /// <summary>The network with its plan, and its weights; the network as it is where the file has no integers.</summary>
    public (Graph Graph, WeightSet Weights) Finish(Graph graph, Dictionary<string, WeightTensor> weights)
    {
        foreach (var (node, layer) in _layers.Values)
        {
            if (layer.Gate is not null && !IsRounded(node)) throw new InvalidInputException(
                $"the gate of {OneLine.Quote(node.Name)} is rounded to integers and the function's value is not, which no plan has; run this file with ONNX Runtime instead.")
            {
                UnsupportedOperator = "QuantizeLinear",
            };
        }

        var kernels = _layers.Values.Where(entry => entry.Layer.Kernel is not null).ToImmutableSortedDictionary(
            entry => entry.Node.Parameters[0].Name, entry => entry.Layer.Kernel!, StringComparer.Ordinal);
        if (_values.Count == 0 && kernels.IsEmpty) return (graph, new WeightSet(weights));
        RoundBeforeCuts(graph);
        var plan = new QuantizationPlan
        {
            Arithmetic = IntegerArithmetic.Onnx, Values = _values.ToImmutableSortedDictionary(StringComparer.Ordinal), Kernels = kernels,
        };
        var quantized = graph.WithQuantization(plan);
        foreach (var node in quantized.Nodes.Where(node => plan.OfKernel(node) is not null && plan.ComputesInIntegers(quantized, node)))
        {
            if (node.Parameters.FirstOrDefault(parameter => parameter.Role == ParameterRole.Bias) is { } bias)
                weights[bias.Name] = Integers(weights[bias.Name], _layers[node.Name].Layer.Bias, plan.BiasScales(quantized, node),
                    isWide: plan.Of(quantized.Nodes[node.Inputs[0]])!.Type is ElementType.I16 or ElementType.U16);
        }

        return (quantized, new WeightSet(weights));
    }

    // A layer whose value is cut off before it is rounded may be rounded the same before that: rounding is monotone.
    private void RoundBeforeCuts(Graph graph)
    {
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 }
                || !_values.TryGetValue(node.Name, out var own)) continue;
            var before = graph.Nodes[node.Inputs[0]];
            if (before.Operator is Convolution or Linear or BatchNormalization or Graphs.Add && uses[before.Index] == 1)
                _values.TryAdd(before.Name, own);
        }
    }

    // The bias in steps of the layer's sums: the file's integers where it says them so.
    private static WeightTensor Integers(WeightTensor bias, ConstantIntegers? origin, float[] scales, bool isWide)
    {
        long[] integers = new long[bias.Values.Length];
        double largest = 0;
        for (int i = 0; i < integers.Length; i++)
        {
            double scale = scales[scales.Length == 1 ? 0 : i];
            int slice = origin is { IsPerChannel: true } ? i : 0;
            if (origin is not null && Math.Abs(origin.Scales[slice] - scale) <= SameScale * scale)
            {
                integers[i] = origin.Values[i] - origin.ZeroPoints[slice];
            }
            else
            {
                double steps = Math.Round(bias.Values[i] / scale, MidpointRounding.ToEven);
                if (!(Math.Abs(steps) <= Math.ScaleB(1, 62))) throw new InvalidInputException(
                    $"a bias is {NumberText.Of(bias.Values[i])} in steps of {NumberText.Of(scale)}, more than 64 bits hold; export the file again.");
                integers[i] = (long)steps;
            }

            largest = Math.Max(largest, Math.Abs((double)integers[i]));
        }

        return WeightTensor.OfIntegers(
            bias.Shape, IntegerValues.Of(isWide || largest > int.MaxValue ? ElementType.I64 : ElementType.I32, integers), scales);
    }
}
