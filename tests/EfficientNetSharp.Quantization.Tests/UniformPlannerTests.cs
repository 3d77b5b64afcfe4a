using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests;

public sealed class UniformPlannerTests
{
    private static readonly PlanOptions OneThread = new() { Threads = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CalibratedNetwork Network(Func<float, float>? change = null)
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnetv2_b0").Scale(0.25, 0.3, 40).Build(new BuildOptions { Classes = 10 });
        var weights = SyntheticWeights.For(graph, 3, gain: 3);
        if (change is not null)
        {
            weights = new WeightSet(weights.Select(pair => KeyValuePair.Create(
                pair.Key, pair.Key.EndsWith("depthwise.conv.weight", StringComparison.Ordinal)
                    ? new WeightTensor(pair.Value.Shape, [.. pair.Value.Values.Select(change)]) : pair.Value)));
        }

        float[][] images = [.. Enumerable.Range(0, 24).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
        return CalibratedNetwork.Of(graph, weights, images[..12], images[12..], OneThread, cancellationToken: Token);
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("rknn-u8")]
    public void What_is_not_said_is_chosen_by_what_it_does_and_ends_no_worse_than_it_began(string scheme)
    {
        using var network = Network();
        var made = new UniformPlanner(QuantizationScheme.Of(scheme)).Plan(network, cancellationToken: Token);
        Assert.True(made.Steps.Length > Calibrator.All.Length);
        var last = made.Steps.Last(step => step.IsKept).Agreement;
        Assert.Equal(made.Steps.Max(step => step.Agreement.SignalToNoise), last.SignalToNoise, 0.11);
        Assert.True(last.SignalToNoise > made.Steps[0].Agreement.SignalToNoise + 1, $"{made.Steps[0].Agreement} {last}");
        Assert.Equal(last, network.Judge(made, Token));
        // The same words give the same integers.
        var again = new UniformPlanner(QuantizationScheme.Of(scheme)).Plan(network, cancellationToken: Token);
        Assert.All(made.Weights, pair => Assert.Equal(pair.Value.Values, again.Weights[pair.Key].Values));
    }

    [Fact]
    public void What_is_asked_for_is_done_and_nothing_else()
    {
        using var network = Network();
        var scheme = QuantizationScheme.OnnxInt8;
        var none = new UniformPlanner(scheme) { Calibrator = Calibrator.MinMax, Repairs = [] }.Plan(network, cancellationToken: Token);
        Assert.True(Assert.Single(none.Steps).IsKept);
        var all = new UniformPlanner(scheme) { Calibrator = Calibrator.Percentile, Repairs = Repair.All }.Plan(network, cancellationToken: Token);
        Assert.All(all.Steps, step => Assert.True(step.IsKept));
        Assert.Equal(6, all.Steps.Length);
        // Ranges, biases and rounding alone, each by itself, change what they are to.
        var biased = new UniformPlanner(scheme) { Calibrator = Calibrator.MinMax, Repairs = [Repair.Bias] }.Plan(network, cancellationToken: Token);
        Assert.Equal(none.Graph.Quantization!.Values, biased.Graph.Quantization!.Values);
        var stem = none.Weights["stem.conv.weight"];
        Assert.Equal(stem.Values, biased.Weights["stem.conv.weight"].Values);
        Assert.NotEqual(none.Weights["classifier.bias"].Values, biased.Weights["classifier.bias"].Values);
    }

    [Fact]
    public void Input_that_cannot_be_used_is_refused_in_one_line()
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnetv2_b0").Scale(0.25, 0.3, 40).Build(new BuildOptions { Classes = 10 });
        var weights = SyntheticWeights.For(graph, 3, gain: 3);
        Assert.Contains("found none", Assert.Throws<InvalidInputException>(() => CalibratedNetwork.Of(graph, weights, [], cancellationToken: Token)).Message, StringComparison.Ordinal);
        var broken = Assert.Throws<InvalidInputException>(() => Network(weight => weight * float.NaN));
        Assert.Contains("depthwise", broken.Message, StringComparison.Ordinal);
        using var network = Network();
        var made = new UniformPlanner(QuantizationScheme.OnnxInt8) { Calibrator = Calibrator.MinMax, Repairs = [] }.Plan(network, cancellationToken: Token);
        var twice = Assert.Throws<InvalidInputException>(() => CalibratedNetwork.Of(made.Graph, made.Weights, network.Images, cancellationToken: Token));
        Assert.Contains("is quantized", twice.Message, StringComparison.Ordinal);
        Assert.Contains("known ones are", Assert.Throws<InvalidInputException>(() => Repair.Of("magic")).Message, StringComparison.Ordinal);
        // RKNN 1.x has one scale per tensor.
        var perChannel = QuantizationScheme.RknnU8 with { HasChannelScales = true, KernelType = Arrays.ElementType.I8 };
        var refused = Assert.Throws<InvalidInputException>(() => new UniformPlanner(perChannel) { Repairs = [] }.Plan(network, cancellationToken: Token));
        Assert.Contains("one scale per tensor", refused.Message, StringComparison.Ordinal);
    }
}
