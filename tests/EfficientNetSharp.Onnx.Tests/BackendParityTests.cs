using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>ONNX Runtime on exported networks against the slow reference and against other exports of the same network.</summary>
public sealed class BackendParityTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, int, int> Networks => new()
    {
        { "efficientnet_b0", 97, 64 },
        { "efficientnet_b1", 75, 75 },
        { "efficientnet_b2", 64, 91 },
        { "efficientnet_b3", 83, 83 },
        { "efficientnet_b4", 64, 65 },
        { "tf_efficientnet_b0", 97, 64 },
        { "tf_efficientnet_b1", 75, 75 },
        { "tf_efficientnet_b2", 64, 91 },
        { "tf_efficientnet_b3", 83, 83 },
        { "tf_efficientnet_b4", 64, 65 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Folded_and_unfolded_networks_agree_with_the_reference(string name, int height, int width)
    {
        var graph = Build(name, height, width);
        var weights = SyntheticWeights.For(graph, seed: 3);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, seed: 3), expected = new float[10];
        using var reference = new ReferenceRunner(graph, weights);
        reference.Run(input, 1, expected);
        float[] folded = Run(graph, weights, input, 1),
            unfolded = Run(graph, weights, input, 1, new OnnxExportOptions { FoldBatchNormalization = false });
        Assert.InRange(RelativeError.OfRows(folded, expected, 1), 0, Tolerance);
        Assert.InRange(RelativeError.OfRows(unfolded, expected, 1), 0, Tolerance);
        Assert.InRange(RelativeError.OfRows(unfolded, folded, 1), 0, Tolerance);

        // The same weights with the other family's padding and epsilon: far off, so the agreement above says something.
        string other = name.StartsWith("tf_", StringComparison.Ordinal) ? name[3..] : $"tf_{name}";
        Assert.True(RelativeError.OfRows(Run(Build(other, height, width), weights, input, 1), expected, 1) > 100 * Tolerance);
    }

    [Theory]
    [InlineData("efficientnet_b4")]
    [InlineData("tf_efficientnet_b4")]
    public void Fresh_weights_with_trained_statistics_agree_folded_and_not_at_full_size(string name)
    {
        var graph = Build(name, 380, 380);
        // The initial kernels, with normalisations as training would leave them.
        var fresh = WeightInitializer.Initialize(graph, seed: 1);
        var weights = new WeightSet(graph.Parameters.Select(parameter => KeyValuePair.Create(
            parameter.Name, parameter.IsKernel ? fresh[parameter]
            : SyntheticWeights.Tensor(parameter.Name, parameter.Shape, seed: 1, gain: 1))));
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1);
        float[] folded = Run(graph, weights, input, 1),
            unfolded = Run(graph, weights, input, 1, new OnnxExportOptions { FoldBatchNormalization = false });
        Assert.InRange(RelativeError.OfRows(unfolded, folded, 1), 0, Tolerance);
    }

    // An image's row does not depend on the images beside it.
    [Fact]
    public void A_batch_of_any_size_yields_the_rows_of_single_images()
    {
        var graph = Build("efficientnet_b0", 64, 64);
        var weights = SyntheticWeights.For(graph);
        using var runner = OnnxRuntimeRunner.Create(graph, weights);
        float[] images = SyntheticInput.Batch(graph.Input.Shape, 5), single = new float[50];
        int length = (int)graph.Input.Shape.Count;
        for (int n = 0; n < 5; n++) runner.Run(images.AsSpan(n * length, length), 1, single.AsSpan(n * 10, 10));
        foreach (int batch in new[] { 1, 2, 5 })
        {
            var rows = new float[batch * 10];
            runner.Run(images.AsSpan(0, batch * length), batch, rows);
            Assert.InRange(RelativeError.OfRows(rows, single.AsSpan(0, batch * 10), batch), 0, Tolerance);
        }

        Assert.True(RelativeError.OfRows(single.AsSpan(10, 10), single.AsSpan(0, 10), 1) > 0.01, "The images are expected to differ.");
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 97)]
    [InlineData(112, 48)]
    [InlineData(33, 31)]
    [InlineData(1, 1)]
    public void An_open_resolution_computes_what_a_file_for_that_size_does(int height, int width)
    {
        var graph = Build("efficientnet_b0", height, width);
        var weights = SyntheticWeights.For(graph);
        byte[] open = OnnxExporter.ExportToBytes(Build("efficientnet_b0", 224, 224), weights,
            new OnnxExportOptions { DynamicResolution = true });
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 2), output = new float[20];
        using var runner = OnnxRuntimeRunner.Load(open, new OnnxRuntimeOptions { Height = height, Width = width });
        Assert.Equal(graph.Input.Shape, runner.InputShape);
        runner.Run(input, 2, output);
        Assert.InRange(RelativeError.OfRows(output, Run(graph, weights, input, 2), 2), 0, Tolerance);
    }

    public static TheoryData<int> Opsets => [.. Enumerable.Range(11, 12)];

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_operator_set_computes_the_same(int opset)
    {
        var graph = EveryOperator();
        var weights = SyntheticWeights.For(graph, gain: 3);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 3), expected = new float[3 * 5];
        using var reference = new ReferenceRunner(graph, weights);
        reference.Run(input, 3, expected);
        foreach (bool fold in new[] { true, false })
        foreach (var pooling in Enum.GetValues<PoolingForm>())
        {
            var options = new OnnxExportOptions { OpsetVersion = opset, FoldBatchNormalization = fold, Pooling = pooling };
            Assert.InRange(RelativeError.OfRows(Run(graph, weights, input, 3, options), expected, 3), 0, Tolerance);
            float[] probabilities = Run(graph, weights, input, 3, options with { AppendSoftmax = true });
            Assert.InRange(RelativeError.OfRows(probabilities, Softmax(expected, 5), 3), 0, Tolerance);
        }
    }

    // Networks that no table has: other depths, kernels, strides, sizes and functions.
    [Fact]
    public void Arbitrary_architectures_agree_with_the_reference()
    {
        var stage = Gen.Select(
            Gen.Int[1, 7], Gen.Int[1, 3], Gen.OneOf(1.0, 1.5, 4.0), Gen.Int[1, 24], Gen.Int[1, 2], Gen.OneOf(0.0, 0.25, 0.5),
            (kernel, stride, expansion, channels, repeats, squeeze) =>
                new Stage(BlockKind.MBConv, Kernel: kernel, Stride: stride, Expansion: expansion, Channels: channels, Repeats: repeats,
                    SqueezeExcite: squeeze));
        var architecture = Gen.Select(
            stage.Array[1, 3], Gen.Enum<ActivationKind>(), Gen.OneOf(PaddingStyle.Symmetric, PaddingStyle.Same), Gen.Int[1, 7],
            Gen.Int[1, 3],
            (stages, activation, padding, kernel, stride) => ArchitectureRegistry.Get("efficientnet_b0") with
            {
                Stem = new Stem(8, kernel, stride),
                Stages = [.. stages],
                HeadChannels = 24,
                Activation = activation,
                Padding = padding,
            });
        Gen.Select(architecture, Gen.Int[8, 40], Gen.Int[8, 40], Gen.Int[1, 3], Gen.ULong).Sample(
            (network, height, width, batch, seed) =>
            {
                Graph graph;
                try
                {
                    graph = network.Build(new BuildOptions { Height = height, Width = width, Classes = 10 });
                }
                catch (ArgumentException)
                {
                    return; // An even kernel without enough zeros can use up a small map; building says so.
                }

                var weights = SyntheticWeights.For(graph, seed, gain: 3);
                float[] input = SyntheticInput.Batch(graph.Input.Shape, batch, seed), expected = new float[batch * 10];
                using var reference = new ReferenceRunner(graph, weights);
                reference.Run(input, batch, expected);
                Assert.InRange(RelativeError.OfRows(Run(graph, weights, input, batch), expected, batch), 0, Tolerance);
            },
            iter: 40, threads: 1);
    }

    [Fact]
    public void A_network_that_yields_a_map_or_its_input_runs_too()
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 5, 4));
        var input = builder.Last;
        builder.Append("conv", new Convolution(2, 3, 3, 2, 1, PaddingStyle.Same, HasBias: true));
        var map = builder.Build();
        var weights = SyntheticWeights.For(map);
        float[] images = SyntheticInput.Batch(map.Input.Shape, 2), expected = new float[2 * 3 * 3 * 2];
        using var reference = new ReferenceRunner(map, weights);
        reference.Run(images, 2, expected);
        Assert.InRange(RelativeError.OfRows(Run(map, weights, images, 2), expected, 2), 0, Tolerance);

        var same = new GraphBuilder(input.Shape).Build();
        Assert.Equal(images, Run(same, new WeightSet([]), images, 2));
    }

    private static Graph Build(string name, int height, int width) =>
        ArchitectureRegistry.Get(name).Build(new BuildOptions { Height = height, Width = width, Classes = 10 });

    // Each operator and function once or more, normalisations where they can be folded and where not.
    private static Graph EveryOperator()
    {
        var graph = new GraphBuilder(TensorShape.Map(3, 17, 13));
        graph.Append("input_norm", new BatchNormalization(3, 1e-3, 0.01));
        graph.Append("conv", new Convolution(3, 8, 5, 2, 1, PaddingStyle.Same, HasBias: true));
        graph.Append("norm", new BatchNormalization(8, 1e-3, 0.01));
        var trunk = graph.Append("relu6", new Activation(ActivationKind.Relu6));
        graph.Append("grouped", new Convolution(8, 8, 3, 1, 2, PaddingStyle.Symmetric, HasBias: false));
        graph.Append("silu", new Activation(ActivationKind.Silu));
        graph.Append("identity", new Activation(ActivationKind.Identity));
        var body = graph.Append("clip", new Activation(ActivationKind.Relu6));
        graph.Append("mean", new GlobalAveragePool());
        var gate = graph.Append("gate", new Activation(ActivationKind.Sigmoid));
        graph.Append("scale", new Gate(), body, gate);
        graph.Append("depth", new StochasticDepth(0.2));
        graph.Append("add", new Add(), graph.Last, trunk);
        graph.Append("depthwise", new Convolution(8, 8, 2, 2, 8, PaddingStyle.Same, HasBias: false));
        graph.Append("relu", new Activation(ActivationKind.Relu));
        graph.Append("pool", new GlobalAveragePool());
        graph.Append("flatten", new Flatten());
        graph.Append("hidden", new Linear(8, 6, HasBias: false));
        graph.Append("hidden_norm", new BatchNormalization(6, 1e-5, 0.1));
        graph.Append("hidden_silu", new Activation(ActivationKind.Silu));
        graph.Append("vector_norm", new BatchNormalization(6, 1e-5, 0.1));
        graph.Append("dropout", new Dropout(0.5));
        graph.Append("fc", new Linear(6, 5, HasBias: true));
        return graph.Build();
    }

    private static float[] Run(Graph graph, WeightSet weights, float[] input, int batch, OnnxExportOptions? options = null)
    {
        using var runner = OnnxRuntimeRunner.Load(OnnxExporter.ExportToBytes(graph, weights, options));
        Assert.Equal(graph.Input.Shape, runner.InputShape);
        Assert.Equal(graph.Output.Shape, runner.OutputShape);
        var output = new float[batch * runner.OutputShape.Count];
        runner.Run(input, batch, output);
        return output;
    }

    private static float[] Softmax(float[] logits, int classes) =>
    [
        .. logits.Chunk(classes).SelectMany(row =>
        {
            double sum = row.Sum(value => Math.Exp(value));
            return row.Select(value => (float)(Math.Exp(value) / sum));
        }),
    ];
}
