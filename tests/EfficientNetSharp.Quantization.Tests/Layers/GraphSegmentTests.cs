using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Layers;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Quantization.Tests.Layers;

public sealed class GraphSegmentTests
{
    private static readonly PlanOptions OneThread = new() { Threads = 1 };

    // Stretch after stretch yields what the whole does: in integers bit for bit, in floats but for the order of sums.
    [Theory]
    [InlineData("tf_efficientnetv2_b0", "int8")]
    [InlineData("mobilenetv3_large_100", "rknn-dfp8")]
    [InlineData("resnet18", "rknn-u8")]
    [InlineData("mobilenetv3_large_100", "tflite")]
    [InlineData("efficientnet_lite0", "int16")]
    public void Stretches_one_after_the_other_are_the_network(string network, string scheme)
    {
        var built = ArchitectureRegistry.Get(network).Scale(0.25, 0.5, 48).Build(new BuildOptions { Classes = 7 });
        var (graph, weights) = InferenceTransform.Apply(built, SyntheticWeights.For(built, 5));
        float[] image = SyntheticInput.Batch(graph.Input.Shape, 1, 1);
        using var network0 = CalibratedNetwork.Of(graph, weights, [image], options: OneThread, cancellationToken: TestContext.Current.CancellationToken);
        var ranges = graph.Nodes.ToDictionary(
            node => node.Name, node => Calibrator.MinMax.Choose(network0.Values[node.Name], QuantizationScheme.Of(scheme)), StringComparer.Ordinal);
        var (quantized, integers) = PlanMaker.Make(graph, weights, ranges, QuantizationScheme.Of(scheme));
        foreach (var (whole, tensors) in new[] { (graph, weights), (quantized, integers) })
        {
            using var runner = EngineRunner.Create(whole, tensors, OneThread);
            float[] expected = new float[7], value = image;
            ((IModelRunner)runner).Run(image, 1, expected);
            var segments = GraphSegment.Of(whole);
            Assert.True(segments.Length > 5, $"{segments.Length}");
            foreach (var segment in segments)
            {
                using var part = EngineRunner.Create(segment.Graph, tensors.For(segment.Graph), OneThread);
                float[] next = new float[part.OutputShape.Count];
                ((IModelRunner)part).Run(value, 1, next);
                value = next;
            }

            if (whole.Quantization is not null) Assert.Equal(expected, value);
            else Assert.All(expected.Zip(value), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Every_node_is_in_one_stretch_whatever_the_network()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var graph = RandomNetwork.Build(seed);
            Assert.Equal(
                graph.Nodes.Select(node => node.Name),
                GraphSegment.Of(graph).SelectMany(segment => segment.Graph.Nodes.Skip(1)).Select(node => node.Name).Prepend(graph.Input.Name));
        }
    }
}
