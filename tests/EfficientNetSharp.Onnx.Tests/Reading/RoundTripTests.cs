using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>What this library writes, read back.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<string> Names => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    public static TheoryData<int> Opsets => [.. Enumerable.Range(11, 12)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_architecture_comes_back_with_its_names_weights_and_results(string name)
    {
        var architecture = ArchitectureRegistry.Get(name).Scale(0.1, 0.1, 32);
        var graph = architecture.Build(new BuildOptions { Height = 33, Width = 40, Classes = 3 });
        var weights = SyntheticWeights.For(graph);
        foreach (bool fold in new[] { true, false })
        {
            var network = RoundTrip(graph, weights, new OnnxExportOptions { FoldBatchNormalization = fold });
            var (prepared, preparedWeights) = InferenceTransform.Apply(graph, weights, fold);
            // In any order: where cells take the values of two before them, there are several from input to result.
            Assert.Equal(prepared.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal),
                network.Graph.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
            Assert.All(prepared.Parameters,
                parameter => Assert.Equal(preparedWeights[parameter].Values, network.Weights[parameter.Name].Values));
            Check(graph, weights, network);
        }
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_operator_comes_back_from_every_operator_set(int opset)
    {
        var graph = EveryOperator.Build();
        var weights = SyntheticWeights.For(graph, gain: 3);
        foreach (bool fold in new[] { true, false })
        foreach (var pooling in Enum.GetValues<PoolingForm>())
            Check(graph, weights,
                RoundTrip(graph, weights,
                new OnnxExportOptions { OpsetVersion = opset, FoldBatchNormalization = fold, Pooling = pooling }));
    }

    [Fact]
    public void A_models_card_comes_with_its_network_and_says_the_size_that_a_file_leaves_open()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModel.Create(SmallModel.Architecture with { Padding = PaddingStyle.Symmetric });
        OnnxExporter.Export(model, folder["m.onnx"], new OnnxExportOptions { DynamicResolution = true, AppendSoftmax = true });
        var network = OnnxReader.Read(folder["m.onnx"]);
        Assert.Equal(model.Card.Classes, network.Card!.Classes);
        Assert.Equal(TensorShape.Map(2, 32, 40), network.Graph.Input.Shape);
        Assert.Equal(["probabilities"], network.OutputNames);
        Assert.Contains("softmax", Assert.Single(network.Notes));
        Check(model.BuildGraph(), model.Weights, network);

        var larger = OnnxReader.Read(folder["m.onnx"], new OnnxReadOptions { Height = 48, Width = 33 });
        Check(model.BuildGraph(48, 33), model.Weights, larger);
    }

    [Fact]
    public void Maps_keep_their_names_and_order()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModel.Create();
        OnnxExporter.Export(model, folder["m.onnx"], new OnnxExportOptions { FeatureStrides = [4, 2] });
        var network = OnnxReader.Read(folder["m.onnx"]);
        Assert.Equal(["stride_4", "stride_2"], network.OutputNames);
        var graph = model.BuildFeatureGraph([4, 2]);
        Check(graph, model.Weights.For(graph), network);
    }

    private static OnnxNetwork RoundTrip(Graph graph, Models.WeightSet weights, OnnxExportOptions options)
    {
        using var folder = new TemporaryFolder();
        OnnxExporter.Export(graph, weights, folder["n.onnx"], options);
        var network = OnnxReader.Read(folder["n.onnx"]);
        network.Weights.EnsureFit(network.Graph);
        Assert.Null(network.Card);
        Assert.Empty(network.Notes);
        return network;
    }

    private static void Check(Graph graph, Models.WeightSet weights, OnnxNetwork network)
    {
        using var expected = new ReferenceRunner(graph, weights);
        using var actual = new ReferenceRunner(network.Graph, network.Weights);
        Assert.All(Comparison.Errors(expected, actual), error => Assert.InRange(error, 0, 1e-6));
    }
}
