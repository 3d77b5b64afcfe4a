using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

/// <summary>
/// Shift-negative correction – a SiLU's short negative lobe lifted to zero, and the lift taken off by the biases behind – is what a zero
/// point does: the same integers, one by one.
/// </summary>
public sealed class NegativeLobeTests
{
    [Theory]
    [InlineData(ActivationKind.Silu)]
    [InlineData(ActivationKind.HardSwish)]
    public void A_zero_point_is_the_shift_that_the_next_bias_takes_off(ActivationKind kind)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            // An even zero point, as halves are rounded to even integers and are not to be rounded differently by the shift.
            var value = new ValueQuantization(ElementType.U8, 0.031f, 2 * (int)(4 + (seed % 9)));
            var (plain, plainWeights) = Made(kind, isShifted: false, value, seed);
            var (shifted, shiftedWeights) = Made(kind, isShifted: true, value with { ZeroPoint = 0 }, seed, lift: value.ZeroPoint * value.Scale);
            float[] image = SyntheticInput.Batch(plain.Input.Shape, 1, seed);
            var expected = new IntegerReferenceRunner(plain, plainWeights).Evaluate(image).Integers;
            var actual = new IntegerReferenceRunner(shifted, shiftedWeights).Evaluate(image).Integers;
            Assert.Equal(expected[plain["function"].Index], actual[shifted["lift"].Index]);
            Assert.Contains(expected[plain["function"].Index]!, integer => integer < value.ZeroPoint);
            Assert.Equal(expected[plain["second"].Index], actual[shifted["second"].Index]);
        }
    }

    private static (Graph Graph, WeightSet Weights) Made(ActivationKind kind, bool isShifted, ValueQuantization value, ulong seed, float lift = 0)
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 6, 6));
        builder.Append("first", new Convolution(3, 8, 3, 1, 1, PaddingStyle.Symmetric, true));
        builder.AppendActivation("function", kind);
        if (isShifted) builder.Append("lift", new BatchNormalization(8, 0.5, 0.1));
        builder.Append("second", new Convolution(8, 4, 1, 1, 1, PaddingStyle.Symmetric, true));
        var graph = builder.Build();
        var random = SyntheticWeights.For(graph, seed, gain: 2);
        var tensors = random.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        var kernel = new ParameterQuantization(ElementType.I8, [0.01f]);
        var middle = new ValueQuantization(ElementType.U8, 0.04f, 120);
        var values = ImmutableSortedDictionary<string, ValueQuantization>.Empty
            .Add("input", new(ElementType.U8, 0.03f, 128)).Add("first", middle).Add("second", middle);
        if (isShifted)
        {
            // γ/√(σ² + ε) = 1, β the lift.
            tensors["lift.weight"] = Filled(8, 1);
            tensors["lift.bias"] = Filled(8, lift);
            tensors["lift.running_mean"] = Filled(8, 0);
            tensors["lift.running_var"] = Filled(8, 0.5f);
        }

        var plan = new QuantizationPlan
        {
            Arithmetic = IntegerArithmetic.Onnx, Values = values.Add(isShifted ? "lift" : "function", value),
            Kernels = ImmutableSortedDictionary<string, ParameterQuantization>.Empty.Add("first.weight", kernel).Add("second.weight", kernel),
        };
        graph = graph.WithQuantization(plan);
        var integers = IntegerWeights.Round(graph, new WeightSet(tensors));
        if (!isShifted) return (graph, integers);
        // b − W·c with the numbers that the kernel's integers stand for.
        var second = integers["second.weight"];
        long[] bias = [.. Enumerable.Range(0, 4).Select(output => integers["second.bias"].Integers![output]
            - (long)Math.Round(lift / value.Scale) * Enumerable.Range(0, 8).Sum(i => second.Integers![(output * 8) + i]))];
        return (graph, new WeightSet(integers.Select(pair => pair.Key != "second.bias" ? pair : KeyValuePair.Create(
            pair.Key, WeightTensor.OfIntegers([4], IntegerValues.Of(ElementType.I32, bias), plan.BiasScales(graph, graph["second"]))))));
    }

    private static WeightTensor Filled(int count, float number) => new([count], [.. Enumerable.Repeat(number, count)]);
}
