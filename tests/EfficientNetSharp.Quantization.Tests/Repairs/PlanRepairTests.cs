using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class PlanRepairTests
{
    [Fact]
    public void A_kernel_of_very_long_patches_stays_as_it_is_and_its_bias_is_corrected()
    {
        // 6,400 numbers: how they vary together would take 650 MB.
        var builder = new GraphBuilder(TensorShape.Map(3, 20, 20));
        builder.Append("first", new Convolution(3, 16, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.AppendActivation("first.act", ActivationKind.Silu);
        builder.Append("flat", new Flatten());
        builder.Append("last", new Linear(6400, 3, HasBias: true));
        var graph = builder.Build();
        var weights = SyntheticWeights.For(graph, 5);
        float[][] images = [.. Enumerable.Range(0, 8).Select(i => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)i))];
        var cancelled = TestContext.Current.CancellationToken;
        using var calibrated = CalibratedNetwork.Of(graph, weights, images[..6], images[6..], new PlanOptions { Threads = 1 }, cancellationToken: cancelled);
        var scheme = QuantizationScheme.RknnU8;
        var ranges = graph.Nodes.ToDictionary(node => node.Name, node => Calibrator.MinMax.Choose(calibrated.Values[node.Name], scheme));
        var (quantized, integers) = PlanMaker.Make(graph, weights, ranges, scheme);

        long before = GC.GetAllocatedBytesForCurrentThread();
        var repaired = new PlanRepair(graph, weights, calibrated.Options) { AdaptsRounding = true }.Apply(quantized, integers, images[..6], cancellationToken: cancelled);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
        Assert.Equal(integers["last.weight"].Values, repaired["last.weight"].Values);
        Assert.NotEqual(integers["last.bias"].Values, repaired["last.bias"].Values);
        Assert.NotEqual(integers["first.weight"].Values, repaired["first.weight"].Values);
    }
}
