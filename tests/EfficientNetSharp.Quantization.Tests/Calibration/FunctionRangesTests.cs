using EfficientNetSharp.Graphs;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Tests.Calibration;

public sealed class FunctionRangesTests
{
    // Far below zero a SiLU is next to nothing; a ReLU's input is cut at the ReLU's range anyway.
    [Fact]
    public void What_a_silu_makes_nothing_of_takes_no_steps()
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 4, 4));
        builder.Append("conv", new Convolution(1, 1, 1, 1, 1, PaddingStyle.Symmetric, true));
        builder.AppendActivation("silu", ActivationKind.Silu);
        var graph = builder.Build();
        var values = new Dictionary<string, ValueStatistics> { ["input"] = new(), ["conv"] = new(), ["silu"] = new() };
        var random = new SeededRandom(1);
        float[] numbers = [.. Enumerable.Range(0, 50_000).Select(_ => (float)((random.NextDouble() * 64) - 60))];
        values["conv"].Add(numbers);
        values["silu"].Add([.. numbers.Select(x => x / (1 + MathF.Exp(-x)))]);
        var scheme = QuantizationScheme.OnnxInt8;
        var ranges = values.ToDictionary(pair => pair.Key, pair => Calibrator.MinMax.Choose(pair.Value, scheme), StringComparer.Ordinal);
        var refined = FunctionRanges.Refine(graph, values, ranges, scheme);
        Assert.Equal(ranges["silu"], refined["silu"]);
        Assert.InRange(refined["conv"].Min, -15, -4);
        Assert.InRange(refined["conv"].Max, 3.5f, 4.01f);
        // 16 bits have steps enough, and ranges stay.
        Assert.Equal(ranges["conv"], FunctionRanges.Refine(graph, values, ranges, QuantizationScheme.OnnxInt16)["conv"]);
    }
}
