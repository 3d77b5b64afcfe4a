using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Testing.IntegerMath;

/// <summary>
/// Plans of any kind that a target allows, by a seed: scales from the values that an image makes, types at random, some nodes left in
/// floats, some ranges too narrow so that values are cut off.
/// </summary>
public static class RandomQuantization
{
    /// <summary>A folded network with a plan, and its integer weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="arithmetic">The target.</param>
    /// <param name="seed">Names the plan.</param>
    /// <param name="input">An image [C,H,W].</param>
    /// <param name="floats">The share of nodes that stay floats; 0 for none but those that have no integers.</param>
    public static (Graph Graph, WeightSet Weights) Of(
        Graph graph, WeightSet weights, IntegerArithmetic arithmetic, ulong seed, float[] input, double floats = 0.1)
    {
        var random = new SeededRandom(seed, 77);
        var (folded, foldedWeights) = InferenceTransform.Apply(graph, weights);
        var numbers = new double[folded.Nodes.Length][];
        numbers[0] = [.. input.Select(value => (double)value)];
        foreach (var node in folded.Nodes.Skip(1)) numbers[node.Index] = ReferenceRunner.Evaluate(folded, foldedWeights, node, numbers);

        bool isWide = random.NextDouble() < 0.3;
        var values = ImmutableSortedDictionary.CreateBuilder<string, ValueQuantization>(StringComparer.Ordinal);
        foreach (var node in folded.Nodes)
        {
            if (random.NextDouble() < floats) continue;
            var value = Value(numbers[node.Index], arithmetic, isWide, ref random);
            if (node.Operator is Activation { Kind: ActivationKind.Silu or ActivationKind.HardSwish } && random.NextDouble() < 0.5)
                value = value with { Sigmoid = Value([0, 1], arithmetic, isWide, ref random) };
            values.Add(node.Name, value);
        }

        var plan = new QuantizationPlan { Arithmetic = arithmetic, Values = values.ToImmutable() };
        var kernels = ImmutableSortedDictionary.CreateBuilder<string, ParameterQuantization>(StringComparer.Ordinal);
        foreach (var node in folded.Nodes)
        {
            // Weights alone may be integers, too.
            if (node.Parameters.FirstOrDefault(parameter => parameter.Role is ParameterRole.ConvolutionKernel or ParameterRole.LinearKernel)
                is { } kernel && random.NextDouble() >= floats)
                kernels.Add(kernel.Name, Kernel(foldedWeights[kernel].Values, kernel.Shape[0], arithmetic, isWide, ref random));
        }

        folded = folded.WithQuantization(plan with { Kernels = kernels.ToImmutable() });
        return (folded, Integers(folded, foldedWeights));
    }

    /// <summary>The same weights with most integers of kernels at their type's ends, of the same sign for some outputs.</summary>
    /// <param name="graph">The network with its plan.</param>
    /// <param name="weights">Its integer weights.</param>
    /// <param name="seed">Names the choice.</param>
    public static WeightSet AtTheEnds(Graph graph, WeightSet weights, ulong seed)
    {
        var random = new SeededRandom(seed, 78);
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        foreach (var parameter in node.Parameters)
        {
            var tensor = weights[parameter];
            tensors.Add(parameter.Name, tensor);
            if (!parameter.IsKernel || graph.Quantization!.OfKernel(node) is not { } own || tensor.Integers is null) continue;
            var (min, max) = new ValueQuantization(own.Type, 1).Bounds(IntegerArithmetic.Onnx);
            if (own.Type == ElementType.I16) min++;
            int perOutput = tensor.Integers.Length / parameter.Shape[0];
            var integers = new long[tensor.Integers.Length];
            double positive = 0.5;
            for (int i = 0; i < integers.Length; i++)
            {
                if (i % perOutput == 0) positive = random.NextDouble() < 0.3 ? 1 : random.NextDouble() < 0.3 ? 0 : 0.5;
                integers[i] = random.NextDouble() < 0.1 ? tensor.Integers[i] : random.NextDouble() < positive ? max : min;
            }

            tensors[parameter.Name] = WeightTensor.OfIntegers(
                parameter.Shape, IntegerValues.Of(own.Type, integers), [.. own.Scales], own.ZeroPoint);
        }

        return new WeightSet(tensors);
    }

    private static ValueQuantization Value(double[] numbers, IntegerArithmetic arithmetic, bool isWide, ref SeededRandom random)
    {
        // From a quarter of the range to twice as much.
        double slack = Math.Pow(2, (random.NextDouble() * 3) - 2);
        double min = Math.Min(numbers.Min(), 0) * slack, max = Math.Max(Math.Max(numbers.Max(), 0) * slack, min + 1e-3);
        double largest = Math.Max(-min, max);
        bool isFixedPoint = arithmetic == IntegerArithmetic.Rknn && (isWide || random.NextDouble() < 0.4);
        if (isFixedPoint || isWide)
        {
            var type = isWide && random.NextDouble() < 0.8 ? ElementType.I16 : arithmetic == IntegerArithmetic.Rknn ? ElementType.I8 : ElementType.U8;
            if (type != ElementType.U8)
            {
                double steps = type == ElementType.I16 ? short.MaxValue : sbyte.MaxValue;
                return new ValueQuantization(type, arithmetic == IntegerArithmetic.Rknn
                    ? (float)Math.Pow(2, Math.Ceiling(Math.Log2(largest / steps))) : (float)(largest / steps));
            }
        }

        bool isSigned = arithmetic != IntegerArithmetic.Rknn && random.NextDouble() < 0.3;
        float scale = (float)((max - min) / 255);
        int zero = (int)Math.Clamp(Math.Round(-min / scale), 0, 255);
        return isSigned ? new ValueQuantization(ElementType.I8, scale, zero - 128) : new ValueQuantization(ElementType.U8, scale, zero);
    }

    private static ParameterQuantization Kernel(
        float[] weights, int channels, IntegerArithmetic arithmetic, bool isWide, ref SeededRandom random)
    {
        float Largest(IEnumerable<float> numbers) => Math.Max(numbers.Max(Math.Abs), 1e-6f);
        if (arithmetic == IntegerArithmetic.Rknn && (isWide || random.NextDouble() < 0.5))
        {
            var type = isWide && random.NextDouble() < 0.7 ? ElementType.I16 : ElementType.I8;
            double steps = type == ElementType.I16 ? short.MaxValue : sbyte.MaxValue;
            return new ParameterQuantization(type, [(float)Math.Pow(2, Math.Ceiling(Math.Log2(Largest(weights) / steps)))]);
        }

        if (arithmetic != IntegerArithmetic.Rknn && random.NextDouble() < 0.6)
            return new ParameterQuantization(ElementType.I8,
                [.. weights.Chunk(weights.Length / channels).Select(channel => Largest(channel) / sbyte.MaxValue)]);
        float min = Math.Min(weights.Min(), 0), scale = Math.Max(Math.Max(weights.Max(), 0) - min, 1e-6f) / 255;
        return new ParameterQuantization(ElementType.U8, [scale], (int)Math.Clamp(MathF.Round(-min / scale), 0, 255));
    }

    private static WeightSet Integers(Graph graph, WeightSet weights)
    {
        var plan = graph.Quantization!;
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        foreach (var parameter in node.Parameters)
        {
            var own = plan.OfKernel(node);
            bool isBias = parameter.Role == ParameterRole.Bias && own is not null && plan.ComputesInIntegers(graph, node);
            if ((!parameter.IsKernel || own is null) && !isBias)
            {
                tensors.Add(parameter.Name, weights[parameter]);
                continue;
            }

            float input = isBias ? plan.Of(graph.Nodes[node.Inputs[0]])!.Scale : 1;
            float[] numbers = weights[parameter].Values, scales = [.. own!.Scales.Select(scale => input * scale)];
            var type = !isBias ? own.Type : plan.Of(graph.Nodes[node.Inputs[0]])!.Type == ElementType.I16 ? ElementType.I64 : ElementType.I32;
            int zero = isBias ? 0 : own.ZeroPoint, perScale = numbers.Length / scales.Length;
            var (min, max) = type switch
            {
                ElementType.U8 => (0L, 255L),
                ElementType.I8 => (-127L, 127L),
                ElementType.I16 => (-32767L, 32767L),
                ElementType.I32 => (-(1L << 30), 1L << 30),
                _ => (-(1L << 40), 1L << 40),
            };
            long[] integers = [.. numbers.Select((number, i) =>
                Math.Clamp((long)Math.Round((double)number / scales[i / perScale]) + zero, min, max))];
            tensors.Add(parameter.Name, WeightTensor.OfIntegers(parameter.Shape, IntegerValues.Of(type, integers), scales, zero));
        }

        return new WeightSet(tensors);
    }
}
