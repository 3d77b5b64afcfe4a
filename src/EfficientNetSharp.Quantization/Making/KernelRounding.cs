using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Making;

/// <summary>Weights as the integers of a plan.</summary>
internal static class KernelRounding
{
    // Far from 32 bits' end, so that sums of products have room beside it.
    private const double LargestBias = 1 << 30;

    /// <summary>What the integers of a kernel stand for.</summary>
    public static ParameterQuantization QuantizationOf(WeightTensor kernel, QuantizationScheme scheme)
    {
        float[] weights = kernel.Values;
        if (scheme.KernelType == ElementType.U8)
        {
            float min = Math.Min(weights.Min(), 0), max = Math.Max(weights.Max(), 0);
            if (!(max > min)) return new ParameterQuantization(ElementType.U8, [1]);
            float scale = (float)(((double)max - min) / byte.MaxValue);
            return new ParameterQuantization(ElementType.U8, [scale], (int)Math.Clamp(Math.Round(-min / (double)scale), 0, byte.MaxValue));
        }

        // The lowest integer is left out, so that a weight and its negative are both held.
        double steps = scheme.KernelType == ElementType.I8 ? sbyte.MaxValue : short.MaxValue;
        int channels = scheme.HasChannelScales ? kernel.Shape[0] : 1;
        return new ParameterQuantization(
            scheme.KernelType,
            [.. weights.Chunk(weights.Length / channels).Select(channel =>
            {
                double largest = channel.Max(Math.Abs);
                // A channel of zeros needs no steps, but a scale all the same.
                if (largest == 0) return 1f;
                return scheme.IsFixedPoint ? QuantizationScheme.PowerOfTwoFrom(largest / steps) : (float)(largest / steps);
            })]);
    }

    /// <summary>The plan with larger steps where a bias would not fit 32 bits: channels of tiny weights and a large bias.</summary>
    public static QuantizationPlan WithBiasesThatFit(Graph graph, WeightSet weights, QuantizationPlan plan)
    {
        var kernels = plan.Kernels.ToBuilder();
        foreach (var node in graph.Nodes)
        {
            if (plan.OfKernel(node) is not { } kernel || BiasOf(node) is not { } bias || !plan.ComputesInIntegers(graph, node)) continue;
            var input = plan.Of(graph.Nodes[node.Inputs[0]])!;
            if (input.Type == ElementType.I16) continue;
            float[] numbers = weights[bias].Values;
            float[] scales = [.. kernel.Scales];
            for (int channel = 0; channel < numbers.Length; channel++)
            {
                ref float scale = ref scales[kernel.IsPerChannel ? channel : 0];
                double least = Math.Abs(numbers[channel]) / (LargestBias * input.Scale);
                if (scale < least)
                    scale = plan.Arithmetic == IntegerArithmetic.Rknn && kernel.Type != ElementType.U8 ? QuantizationScheme.PowerOfTwoFrom(least)
                        : (float)least;
            }

            kernels[node.Parameters.First(parameter => parameter.IsKernel).Name] = kernel with { Scales = [.. scales] };
        }

        return plan with { Kernels = kernels.ToImmutable() };
    }

    /// <summary>The weights of a network with a plan.</summary>
    public static WeightSet Round(Graph graph, WeightSet weights)
    {
        var plan = graph.Quantization!;
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        foreach (var parameter in node.Parameters)
        {
            tensors.Add(parameter.Name, plan.OfKernel(node) switch
            {
                { } kernel when parameter.IsKernel => Kernel(weights[parameter], kernel),
                { } kernel when parameter.Role == ParameterRole.Bias && plan.ComputesInIntegers(graph, node) =>
                    Bias(weights[parameter], plan.Of(graph.Nodes[node.Inputs[0]])!, kernel),
                _ => weights[parameter],
            });
        }

        return new WeightSet(tensors);
    }

    /// <summary>The lowest and the highest integer of a kernel; a signed type's lowest is left out.</summary>
    public static (long Min, long Max) BoundsOf(ParameterQuantization kernel) => kernel.Type switch
    {
        ElementType.U8 => (0, byte.MaxValue),
        ElementType.I8 => (-sbyte.MaxValue, sbyte.MaxValue),
        _ => (-short.MaxValue, short.MaxValue),
    };

    private static WeightTensor Kernel(WeightTensor tensor, ParameterQuantization kernel)
    {
        var (min, max) = BoundsOf(kernel);
        int perScale = tensor.Values.Length / kernel.Scales.Length;
        long[] integers = [.. tensor.Values.Select((number, i) =>
            Math.Clamp((long)Math.Round((double)number / kernel.Scales[i / perScale]) + kernel.ZeroPoint, min, max))];
        return WeightTensor.OfIntegers(tensor.Shape, IntegerValues.Of(kernel.Type, integers), kernel.Scales.AsSpan(), kernel.ZeroPoint);
    }

    /// <summary>A bias as the integers that are added to sums of products.</summary>
    public static WeightTensor Bias(WeightTensor tensor, ValueQuantization input, ParameterQuantization kernel)
    {
        float[] scales = [.. kernel.Scales.Select(scale => input.Scale * scale)];
        bool isWide = input.Type == ElementType.I16;
        double largest = isWide ? Math.ScaleB(1, 62) : int.MaxValue;
        long[] integers = [.. tensor.Values.Select((number, i) =>
            (long)Math.Clamp(Math.Round((double)number / scales[scales.Length == 1 ? 0 : i]), -largest, largest))];
        return WeightTensor.OfIntegers(tensor.Shape, IntegerValues.Of(isWide ? ElementType.I64 : ElementType.I32, integers), scales);
    }

    private static Parameter? BiasOf(Node node) => node.Parameters.FirstOrDefault(parameter => parameter.Role == ParameterRole.Bias);
}
