using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Models;

/// <summary>Which tensors of a quantized network are integers: its plan's kernels, and the biases of what computes in integers.</summary>
internal static class IntegerWeights
{
    /// <summary>Checks that what is expected to be integers is, and nothing else.</summary>
    /// <param name="graph">The network with its plan.</param>
    /// <param name="typeOf">The type of a tensor's integers; <see langword="null"/> where it holds floats.</param>
    /// <exception cref="InvalidInputException">A tensor is of another type; the message names it.</exception>
    public static void EnsureFit(Graph graph, Func<string, ElementType?> typeOf)
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
    public static WeightTensor Read(Graph graph, string name, ImmutableArray<int> shape, IntegerValues integers)
    {
        var plan = graph.Quantization!;
        if (plan.Kernels.TryGetValue(name, out var kernel))
            return WeightTensor.OfIntegers(shape, integers, kernel.Scales.AsSpan(), kernel.ZeroPoint);
        var node = graph.Nodes.First(node => node.Parameters.Any(parameter => parameter.Name == name));
        return WeightTensor.OfIntegers(shape, integers, plan.BiasScales(graph, node));
    }
}
