using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>What the integer steps do not take, said by name before anything is packed or run.</summary>
internal static class IntegerLimits
{
    /// <exception cref="InvalidInputException">Integers do not fit 16 bits without their zero point, or sums 32.</exception>
    public static void Check(Graph graph, WeightSet weights, QuantizationPlan plan)
    {
        foreach (var (name, value) in plan.Values)
        {
            if (value.Type is ElementType.U16 || (value.Type is ElementType.I16 && value.ZeroPoint != 0))
                throw new InvalidInputException(
                    $"The engine has 16-bit integers with 0 as zero point, and {name} is {value}; run the network on another backend.")
                {
                    UnsupportedOperator = value.Type.ToString(),
                };
        }

        foreach (var node in graph.Nodes)
        {
            // Two products of such weights and inputs would not fit.
            if (plan.OfKernel(node) is not { Type: ElementType.I16 } || !plan.ComputesInIntegers(graph, node)) continue;
            var integers = weights[node.Parameters[0]].Integers!.AsSpan<short>();
            if (integers.Contains(short.MinValue))
                throw new InvalidInputException(
                    $"The engine has int16 weights from −32767, and {node.Name} has −32768; run the network on another backend.")
                {
                    UnsupportedOperator = ElementType.I16.ToString(),
                };
        }
    }
}
