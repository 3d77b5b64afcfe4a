using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Models;

/// <summary>Which tensors of a quantized network are integers: its plan's kernels, and the biases of what computes in integers.</summary>
public static class IntegerWeights
{
    /// <summary>Rounds weights to the integers of a network's plan: kernels to theirs, biases to the step of the sums that they join.</summary>
    /// <param name="graph">The network with its plan.</param>
    /// <param name="weights">Its weights as floats.</param>
    public static WeightSet Round(Graph graph, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        var plan = graph.Quantization ?? throw new ArgumentException("The network has no plan.", nameof(graph));
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        foreach (var parameter in node.Parameters)
        {
            tensors.Add(parameter.Name, plan.OfKernel(node) switch
            {
                { } kernel when parameter.IsKernel => Kernel(weights[parameter], kernel),
                not null when parameter.Role == ParameterRole.Bias && plan.ComputesInIntegers(graph, node) =>
                    RoundBias(graph, node, weights[parameter]),
                _ => weights[parameter],
            });
        }

        return new WeightSet(tensors);
    }

    private static WeightTensor Kernel(WeightTensor tensor, ParameterQuantization kernel)
    {
        var (min, max) = kernel.Bounds;
        int perScale = tensor.Values.Length / kernel.Scales.Length;
        long[] integers = [.. tensor.Values.Select((number, i) =>
            Math.Clamp((long)Math.Round((double)number / kernel.Scales[i / perScale]) + kernel.ZeroPoint, min, max))];
        return WeightTensor.OfIntegers(tensor.Shape, IntegerValues.Of(kernel.Type, integers), kernel.Scales.AsSpan(), kernel.ZeroPoint);
    }

    /// <summary>Rounds the bias of a layer that computes in integers: int32, and int64 beside int16 inputs.</summary>
    /// <param name="graph">The network with its plan.</param>
    /// <param name="node">The layer.</param>
    /// <param name="tensor">Its bias as floats.</param>
    public static WeightTensor RoundBias(Graph graph, Node node, WeightTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(tensor);
        var plan = graph.Quantization ?? throw new ArgumentException("The network has no plan.", nameof(graph));
        float[] scales = plan.BiasScales(graph, node);
        bool isWide = plan.Of(graph.Nodes[node.Inputs[0]])!.Type == ElementType.I16;
        double largest = isWide ? Math.ScaleB(1, 62) : int.MaxValue;
        long[] integers = [.. tensor.Values.Select((number, i) =>
            (long)Math.Clamp(Math.Round((double)number / scales[scales.Length == 1 ? 0 : i]), -largest, largest))];
        return WeightTensor.OfIntegers(tensor.Shape, IntegerValues.Of(isWide ? ElementType.I64 : ElementType.I32, integers), scales);
    }

    /// <summary>Checks that what is expected to be integers is, and nothing else.</summary>
    /// <param name="graph">The network with its plan.</param>
    /// <param name="typeOf">The type of a tensor's integers; <see langword="null"/> where it holds floats.</param>
    /// <exception cref="InvalidInputException">A tensor is of another type; the message names it.</exception>
    internal static void EnsureFit(Graph graph, Func<string, ElementType?> typeOf)
    {
        var plan = graph.Quantization;
        foreach (var node in graph.Nodes)
        {
            bool isInteger = plan is not null && plan.ComputesInIntegers(graph, node);
            foreach (var parameter in node.Parameters)
            {
                ImmutableArray<ElementType> expected = parameter.IsKernel
                    ? plan?.Kernels.GetValueOrDefault(parameter.Name) is { } kernel ? [kernel.Type] : []
                    : isInteger && parameter.Role == ParameterRole.Bias && plan!.OfKernel(node) is not null
                        ? [ElementType.I32, ElementType.I64] : [];
                var found = typeOf(parameter.Name);
                if (found is null ? expected.IsEmpty : expected.Contains(found.Value)) continue;
                string wanted = expected.IsEmpty ? "floats" : string.Join(" or ", expected.Select(ValueQuantization.TypeName));
                throw new InvalidInputException(
                    $"The weights do not fit the network's quantization: {OneLine.Clean(parameter.Name)} holds {(found is { } type ? ValueQuantization.TypeName(type) : "floats")}, expected {wanted}.");
            }
        }
    }

    /// <summary>A tensor of integers as the plan understands it. The network's tensors are known to fit.</summary>
    internal static WeightTensor Read(Graph graph, string name, ImmutableArray<int> shape, IntegerValues integers)
    {
        var plan = graph.Quantization!;
        if (plan.Kernels.TryGetValue(name, out var kernel))
            return WeightTensor.OfIntegers(shape, integers, kernel.Scales.AsSpan(), kernel.ZeroPoint);
        var node = graph.Nodes.First(node => node.Parameters.Any(parameter => parameter.Name == name));
        return WeightTensor.OfIntegers(shape, integers, plan.BiasScales(graph, node));
    }
}
