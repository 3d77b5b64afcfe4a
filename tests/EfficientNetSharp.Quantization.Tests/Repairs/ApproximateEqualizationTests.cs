using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class ApproximateEqualizationTests
{
    private static readonly PlanOptions OneThread = new() { Threads = 1 };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Through_ReLU6_nothing_changes_on_the_images()
    {
        var graph = CrossLayerEqualizationTests.Network(ActivationKind.Relu6);
        var weights = CrossLayerEqualizationTests.Uneven(graph);
        float[][] images = Images(graph, 6);
        var equalized = ApproximateEqualization.Apply(graph, weights, images, 1, OneThread);
        Assert.NotEqual(weights["block0.depthwise.weight"].Values, equalized["block0.depthwise.weight"].Values);
        foreach (float[] image in images)
        {
            float[] expected = Run(graph, weights, image), actual = Run(graph, equalized, image);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
        }
    }

    [Theory]
    [InlineData(ActivationKind.Silu)]
    [InlineData(ActivationKind.HardSwish)]
    public void Through_SiLU_factors_are_bounded_and_numbers_stay_near(ActivationKind kind)
    {
        var graph = CrossLayerEqualizationTests.Network(kind);
        var weights = CrossLayerEqualizationTests.Uneven(graph);
        float[][] images = Images(graph, 4);
        double[] errors = [.. new[] { 1.0, 1.2, 3.0 }.Select(bound =>
        {
            var equalized = ApproximateEqualization.Apply(graph, weights, images, bound, OneThread);
            // The expansion's channels are divided by factors within the bound, and by no others than these.
            float[] before = weights["block0.expand.bias"].Values, after = equalized["block0.expand.bias"].Values;
            Assert.All(before.Zip(after).Where(pair => pair.First != 0), pair => Assert.InRange(pair.First / pair.Second, (1 / bound) - 1e-4, bound + 1e-4));
            return images.Max(image => Run(graph, weights, image).Zip(Run(graph, equalized, image)).Max(pair => Math.Abs(pair.First - pair.Second)));
        })];
        Assert.True(errors[0] < 1e-4 && errors[1] < errors[2], string.Join(", ", errors));
    }

    // A network whose channels were made uneven without changing what it computes: what one scale per tensor fails at, and what is undone.
    [Theory]
    [InlineData(ActivationKind.Relu6)]
    [InlineData(ActivationKind.HardSwish)]
    public void It_helps_one_scale_per_tensor_and_is_kept_only_where_it_does(ActivationKind kind)
    {
        var (graph, weights) = Imbalanced(kind);
        float[][] images = Images(graph, 12);
        using var network = CalibratedNetwork.Of(graph, weights, images[..6], images[6..], OneThread, cancellationToken: Cancelled);
        var plain = Planned([]);
        var through = Planned([Repair.ApproximateEqualization]);
        Assert.Contains(through.Steps, step => step.Name == Repair.ApproximateEqualization.Description && step.IsKept);
        double before = plain.Steps[^1].Agreement.SignalToNoise, after = through.Steps[^1].Agreement.SignalToNoise;
        if (kind == ActivationKind.Relu6) Assert.True(after > before + 6, $"{before} dB, {after} dB");
        var chosen = Planned(null);
        int at = chosen.Steps.ToList().FindIndex(step => step.Name == Repair.ApproximateEqualization.Description);
        double last = chosen.Steps.Take(at).Last(step => step.IsKept).Agreement.SignalToNoise;
        Assert.Equal(chosen.Steps[at].Agreement.SignalToNoise > last + 0.1, chosen.Steps[at].IsKept);

        QuantizedNetwork Planned(ImmutableArray<Repair>? repairs) => new UniformPlanner(QuantizationScheme.RknnU8)
        {
            Calibrator = Calibrator.MinMax, Repairs = repairs,
        }.Plan(network, cancellationToken: Cancelled);
    }

    private static (Graph Graph, WeightSet Weights) Imbalanced(ActivationKind kind)
    {
        const int Channels = 16;
        var builder = new GraphBuilder(TensorShape.Map(3, 12, 12));
        builder.Append("stem", new Convolution(3, 8, 3, 1, 1, PaddingStyle.Symmetric, true));
        builder.Append("expand", new Convolution(8, Channels, 1, 1, 1, PaddingStyle.Symmetric, true));
        builder.AppendActivation("first", kind);
        builder.Append("depthwise", new Convolution(Channels, Channels, 3, 1, Channels, PaddingStyle.Symmetric, true));
        builder.AppendActivation("second", kind);
        builder.Append("project", new Convolution(Channels, 8, 1, 1, 1, PaddingStyle.Symmetric, true));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        builder.Append("classifier", new Linear(8, 5, true));
        var graph = builder.Build();
        var weights = SyntheticWeights.For(graph, 5);
        float First(int channel) => MathF.Pow(2, -(channel % 6));
        float Second(int channel) => MathF.Pow(2, -(channel * 5 % 6));
        return (graph, new WeightSet(weights.Select(pair =>
        {
            int row = pair.Value.Values.Length / pair.Value.Shape[0];
            return KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, [.. pair.Value.Values.Select((value, i) => pair.Key switch
            {
                "expand.weight" or "expand.bias" => value * First(i / row),
                "depthwise.weight" => value * Second(i / row) / First(i / row),
                "depthwise.bias" => value * Second(i),
                "project.weight" => value / Second(i % row),
                _ => value,
            })]));
        })));
    }

    private static float[][] Images(Graph graph, int count) =>
        [.. Enumerable.Range(0, count).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];

    private static float[] Run(Graph graph, WeightSet weights, float[] image)
    {
        using var runner = EngineRunner.Create(graph, weights, OneThread);
        float[] output = new float[5];
        ((IModelRunner)runner).Run(image, 1, output);
        return output;
    }
}
