using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.TfLite;

namespace EfficientNetSharp.Weights.Tests;

/// <summary>
/// Generated classifiers of TensorFlow Lite's operators, written as files in floats and in integers (per tensor and per channel), and read
/// back: the same numbers, integer by integer.
/// </summary>
public sealed class TfLiteNetworkTests : IDisposable
{
    private const int Networks = 120;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Integers_come_back_bit_for_bit()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            var graph = Classifier(seed);
            float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)seed);
            var (quantized, weights) = RandomQuantization.Of(
                graph, SyntheticWeights.For(graph, (ulong)seed, gain: 2), IntegerArithmetic.TfLite, (ulong)seed, input, floats: 0);
            quantized = WithFusedFunctions(quantized);
            var read = Read(quantized, weights);
            Assert.NotNull(read.Graph.Quantization);
            double[] expected = new IntegerReferenceRunner(quantized, weights).Evaluate(input).Numbers[quantized.Output.Index];
            double[] actual = new IntegerReferenceRunner(read.Graph, read.Weights).Evaluate(input).Numbers[read.Graph.Output.Index];
            if (!expected.SequenceEqual(actual)) Assert.Fail($"Network {seed}: {string.Join(", ", quantized.Nodes.Select(node => node.Operator.GetType().Name))}");
        }
    }

    [Fact]
    public void Floats_come_back_and_need_no_card()
    {
        for (int seed = 0; seed < Networks; seed += 3)
        {
            var graph = Classifier(seed);
            var weights = SyntheticWeights.For(graph, (ulong)seed, gain: 2);
            var read = Read(graph, weights);
            Assert.Null(read.Graph.Quantization);
            Assert.Null(read.Card);
            float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)seed);
            float[] expected = new float[graph.Output.Shape.Count], actual = new float[expected.Length];
            using IModelRunner first = new ReferenceRunner(graph, weights), second = new ReferenceRunner(read.Graph, read.Weights);
            first.Run(input, 1, expected);
            second.Run(input, 1, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void An_import_is_a_model_with_its_classes()
    {
        var graph = Classifier(4);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, 4);
        var (quantized, weights) = RandomQuantization.Of(
            graph, SyntheticWeights.For(graph, 4, gain: 2), IntegerArithmetic.TfLite, 4, input, floats: 0);
        quantized = WithFusedFunctions(quantized);
        Write(quantized, weights);
        var imported = WeightImporter.Import(_folder["n.tflite"], null, new ImportOptions());
        Assert.Equal(graph.Output.Shape.Channels, imported.Model.Card.Classes.Length);
        Assert.Equal("tflite", imported.Source.Name);
        Assert.Equal("n.tflite", imported.Model.Card.Provenance[ProvenanceKeys.SourceFile]);
        ModelFile.Save(imported.Model, _folder["n.safetensors"]);
        var back = ModelFile.Load(_folder["n.safetensors"]);
        Assert.Equal(
            new IntegerReferenceRunner(imported.Model.Graph, imported.Model.Weights).Evaluate(input).Numbers[^1],
            new IntegerReferenceRunner(back.Graph, back.Weights).Evaluate(input).Numbers[^1]);
        var claim = Assert.Throws<InvalidInputException>(
            () => WeightImporter.Import(_folder["n.tflite"], Architectures.ArchitectureRegistry.Get("mobilenetv1_100"), new ImportOptions()));
        Assert.Contains("leave --architecture out", claim.Message, StringComparison.Ordinal);
    }

    private OpenedModel Read(Graph graph, WeightSet weights)
    {
        Write(graph, weights);
        return new TfLiteModelReader().Read(_folder["n.tflite"], new ModelReadOptions());
    }

    private void Write(Graph graph, WeightSet weights) => File.WriteAllBytes(_folder["n.tflite"], new TfLiteGraphWriter(graph, weights).Write());

    // In a file a ReLU is part of the layer before it, whose sums are rounded to the one scale that both have.
    private static Graph WithFusedFunctions(Graph graph)
    {
        var plan = graph.Quantization!;
        foreach (var node in graph.Nodes.Where(node => TfLiteGraphWriter.IsFused(graph, node)))
            plan = plan with { Values = plan.Values.SetItem(graph.Nodes[node.Inputs[0]].Name, plan.Values[node.Name]) };
        // What only orders integers has no scale of its own there.
        foreach (var node in graph.Nodes.Where(node => node.Operator is Flatten))
            plan = plan with { Values = plan.Values.SetItem(node.Name, plan.Values[graph.Nodes[node.Inputs[0]].Name]) };
        // Its functions are one step each.
        foreach (var (name, value) in plan.Values) plan = plan with { Values = plan.Values.SetItem(name, value with { Sigmoid = null }) };
        return graph.WithQuantization(plan);
    }

    private static Graph Classifier(int seed)
    {
        var random = new SeededRandom((ulong)seed, 91);
        var builder = new GraphBuilder(TensorShape.Map(3, 9 + random.NextInt(6), 9 + random.NextInt(6)));
        int channels = 4 + random.NextInt(6);
        var x = Convolved(builder, builder.Last, "stem", channels, 3, 1 + random.NextInt(2), ref random);
        int blocks = 1 + random.NextInt(4);
        for (int i = 0; i < blocks; i++)
        {
            var before = x;
            var y = builder.Append($"b{i}.dw", new Convolution(channels, channels, 3, 1, channels, PaddingStyle.Same, random.NextInt(2) == 0), x);
            y = Function(builder, y, $"b{i}.dw", ref random);
            if (random.NextInt(2) == 0) y = Gated(builder, y, $"b{i}.se", channels);
            y = builder.Append($"b{i}.project", new Convolution(channels, channels, 1, 1, 1, PaddingStyle.Same, HasBias: true), y);
            if (random.NextInt(3) == 0) y = builder.Append($"b{i}.prelu", new PRelu(channels), y);
            if (random.NextInt(2) == 0) y = builder.Append($"b{i}.add", new Add(), y, before);
            if (random.NextInt(4) == 0 && y.Shape.Height > 3 && y.Shape.Width > 3)
                y = builder.Append($"b{i}.pool", new MaxPool(2, 2, PaddingStyle.None), y);
            x = y;
        }

        if (random.NextInt(3) > 0) x = builder.Append("mean", new GlobalAveragePool(), x);
        x = builder.Append("flat", new Flatten(), x);
        return builder.Build([builder.Append("logits", new Linear(x.Shape.Channels, 5, HasBias: true), x)]);
    }

    private static Node Convolved(GraphBuilder builder, Node x, string name, int channels, int kernel, int stride, ref SeededRandom random)
    {
        var padding = random.NextInt(2) == 0 ? PaddingStyle.Same : PaddingStyle.None;
        var y = builder.Append(name, new Convolution(x.Shape.Channels, channels, kernel, stride, 1, padding, HasBias: true), x);
        return Function(builder, y, name, ref random);
    }

    private static Node Function(GraphBuilder builder, Node x, string name, ref SeededRandom random) => random.NextInt(4) switch
    {
        0 => builder.Append($"{name}.relu", new Activation(ActivationKind.Relu), x),
        1 => builder.Append($"{name}.relu6", new Activation(ActivationKind.Relu6), x),
        2 => builder.Append($"{name}.hard_swish", new Activation(ActivationKind.HardSwish), x),
        _ => x,
    };

    private static Node Gated(GraphBuilder builder, Node x, string name, int channels)
    {
        var mean = builder.Append($"{name}.mean", new GlobalAveragePool(), x);
        var gate = builder.Append($"{name}.expand", new Convolution(channels, channels, 1, 1, 1, PaddingStyle.Same, HasBias: true), mean);
        return builder.Append($"{name}.scale", new Gate(), x, builder.Append($"{name}.sigmoid", new Activation(ActivationKind.Sigmoid), gate));
    }
}
