using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.TfLite;
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
            var graph = TfLiteNetworks.Classifier(seed);
            float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)seed);
            var (quantized, weights) = TfLiteNetworks.Quantized(seed);
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
            var graph = TfLiteNetworks.Classifier(seed);
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
        var graph = TfLiteNetworks.Classifier(4);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, 4);
        var (quantized, weights) = TfLiteNetworks.Quantized(4);
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
}
