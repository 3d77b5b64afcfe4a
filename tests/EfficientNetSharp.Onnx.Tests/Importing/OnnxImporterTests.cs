using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Importing;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Onnx.Tests.Reading;
using EfficientNetSharp.Testing;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Tests.Importing;

public sealed class OnnxImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // One of each kind of block and of both semantics.
    public static TheoryData<string, bool> Networks
    {
        get
        {
            var data = new TheoryData<string, bool>();
            string[] names =
            [
                "efficientnet_b0", "tf_efficientnet_b0", "efficientnet_lite0", "tf_efficientnet_cc_b0_4e", "tf_efficientnetv2_b0",
                "mnasnet_100",
                "mobilenetv1_100", "mobilenet_v2", "tf_mobilenetv3_small_100", "resnet18", "iresnet18", "mobilefacenet",
            ];
            foreach (string name in names)
            {
                data.Add(name, true);
                data.Add(name, false);
            }

            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_registered_network_is_taken_over_as_that_from_its_graph_alone(string name, bool isFolded)
    {
        var architecture = ArchitectureRegistry.Get(name);
        int size = architecture.Embedding is null ? 64 : architecture.Resolution;
        var graph = architecture.Build(new BuildOptions { Height = size, Width = size, Classes = 5 });
        var weights = SyntheticWeights.For(graph, gain: 3);
        OnnxExporter.Export(graph, weights, _folder["f.onnx"], new OnnxExportOptions { FoldBatchNormalization = isFolded });
        var imported = OnnxImporter.Import(_folder["f.onnx"]);
        Assert.NotNull(imported.Architecture);
        Assert.Equal(architecture.Padding, imported.Architecture.Padding);
        if (!isFolded) Assert.Equal(architecture.Normalization.Epsilon, imported.Architecture.Normalization.Epsilon);
        Assert.Equal(graph.Parameters.Select(parameter => parameter.Name), imported.Graph.Parameters.Select(parameter => parameter.Name));
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1);
        using var expected = new ReferenceRunner(graph, weights);
        using var actual = new ReferenceRunner(imported.Graph, imported.Weights);
        Assert.InRange(RelativeError.OfRows(Run(actual, input), [expected.Evaluate(input)]), 0, 2e-5);
    }

    [Fact]
    public void A_claim_is_checked_and_a_contradiction_refused_by_name()
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnet_b0").Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        OnnxExporter.Export(graph, SyntheticWeights.For(graph), _folder["f.onnx"]);
        string message = Refused("efficientnet_b0");
        Assert.Contains("pads 0 0 1 1", message, StringComparison.Ordinal);
        Assert.Contains("it is tf_efficientnet_b0", message, StringComparison.Ordinal);
        Assert.Contains("--architecture", message, StringComparison.Ordinal);
        Assert.Contains("in the place of", Refused("resnet18"), StringComparison.Ordinal);
        Assert.Equal("tf_efficientnet_b0", OnnxImporter.Import(_folder["f.onnx"], Claim("tf_efficientnet_b0")).Architecture?.Name);

        string Refused(string name) =>
            Assert.Throws<InvalidInputException>(() => OnnxImporter.Import(_folder["f.onnx"], Claim(name))).Message;
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_model_exported_here_comes_back_as_the_same_model(bool isFolded, bool endsWithSoftmax)
    {
        var model = SmallModel.Create();
        OnnxExporter.Export(model, _folder["f.onnx"],
            new OnnxExportOptions { FoldBatchNormalization = isFolded, AppendSoftmax = endsWithSoftmax });
        var imported = OnnxImporter.Import(_folder["f.onnx"]);
        Assert.Equal(ModelJson.Serialize(model.Card), ModelJson.Serialize(imported.Card!));
        Assert.Equal(ModelJson.Serialize(model.Architecture!), ModelJson.Serialize(imported.Architecture!));
        Assert.Equal(GraphJson.Serialize(model.Graph), GraphJson.Serialize(imported.Graph));
        float[] input = SyntheticInput.Batch(model.Graph.Input.Shape, 1);
        using var expected = new ReferenceRunner(model.Graph, model.Weights);
        using var actual = new ReferenceRunner(imported.Graph, imported.Weights);
        Assert.InRange(RelativeError.OfRows(Run(actual, input), [expected.Evaluate(input)]), 0, 1e-5);
    }

    [Fact]
    public void A_graph_without_a_table_is_exported_and_comes_back()
    {
        var model = SmallModel.Create();
        var (graph, weights) = Graphs.Transforms.InferenceTransform.Apply(model.Graph, model.Weights);
        OnnxExporter.Export(new Model(graph, model.Card, weights), _folder["f.onnx"]);
        var imported = OnnxImporter.Import(_folder["f.onnx"]);
        Assert.Null(imported.Architecture);
        Assert.Equal(ModelJson.Serialize(model.Card), ModelJson.Serialize(imported.Card!));
        Assert.Equal(NodeRole.Classifier, imported.Graph.Output.Role);
    }

    [Theory]
    [InlineData(127.5f, 127.5f, 0.5f, 0.5f)]
    [InlineData(0.485f, 0.229f, 0.485f, 0.229f)]
    public void Scaling_within_the_file_becomes_preprocessing(float mean, float deviation, float cardMean, float cardDeviation)
    {
        var network = ArchitectureRegistry.Get("resnet18").Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        var builder = new GraphBuilder(network.Input.Shape);
        var nodes = new Node[network.Nodes.Length];
        // The export writes factor and shift as a normalisation without an epsilon, which the reader takes as such.
        nodes[0] = builder.Append("scaling", new BatchNormalization(3, 0, 0.1));
        foreach (var node in network.Nodes.Skip(1)) nodes[node.Index] =
            builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        var whole = builder.Build();
        var weights = new WeightSet(SyntheticWeights.For(network).Concat(
        [
            KeyValuePair.Create("scaling.weight", Three(1 / deviation)), KeyValuePair.Create("scaling.bias", Three(-mean / deviation)),
            KeyValuePair.Create("scaling.running_mean", Three(0)), KeyValuePair.Create("scaling.running_var", Three(1)),
        ]));
        OnnxExporter.Export(whole, weights, _folder["f.onnx"]);
        var imported = OnnxImporter.Import(_folder["f.onnx"]);
        Assert.Equal("resnet18", imported.Architecture?.Name);
        Assert.All(imported.Mean!.Value, value => Assert.Equal(cardMean, value, 5));
        Assert.All(imported.Deviation!.Value, value => Assert.Equal(cardDeviation, value, 5));
        Assert.Contains(imported.Remarks, remark => remark.Contains("scales its input itself", StringComparison.Ordinal));

        static WeightTensor Three(float value) => new([3], [value, value, value]);
    }

    [Fact]
    public void What_does_not_compute_the_same_is_refused()
    {
        var model = SmallModel.Create();
        OnnxExporter.Export(model, _folder["f.onnx"]);
        var network = OnnxReader.Read(_folder["f.onnx"]);
        ImportCheck.Run(_folder["f.onnx"], network, null, network.Graph, network.Weights);
        var changed = new WeightSet(network.Weights.Select(pair => pair.Key == "stem.conv.weight"
            ? KeyValuePair.Create(pair.Key,
                new WeightTensor(pair.Value.Shape, [.. pair.Value.Values.Select((value, i) => i == 0 ? value + 1 : value)]))
            : pair));
        string message = Assert.Throws<InvalidInputException>(
            () => ImportCheck.Run(_folder["f.onnx"], network, null, network.Graph, changed)).Message;
        Assert.Contains("does not compute what the file does", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    // The softmax is the first result's alone; the second is checked as it is.
    [Fact]
    public void A_softmax_on_one_of_two_results_is_checked_on_that_one()
    {
        var file = new SmallFile().Node("GlobalAveragePool", "x", "p").Node("Flatten", "p", "f").Node("Softmax", "f", "y");
        file.Model.Graph.Output.Add(new ValueInfoProto(file.Model.Graph.Output[0]) { Name = "f" });
        File.WriteAllBytes(_folder["f.onnx"], file.Model.ToByteArray());
        Assert.Equal(2, OnnxImporter.Import(_folder["f.onnx"]).Graph.Outputs.Length);
    }

    [Fact]
    public void A_file_that_says_another_network_than_it_is_gets_a_remark()
    {
        var model = SmallModel.Create();
        OnnxExporter.Export(model, _folder["f.onnx"]);
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder["f.onnx"]));
        proto.MetadataProps.Single(entry => entry.Key == "architecture").Value =
            ModelJson.Serialize(model.Architecture! with { HeadChannels = 32 });
        File.WriteAllBytes(_folder["f.onnx"], proto.ToByteArray());
        var imported = OnnxImporter.Import(_folder["f.onnx"]);
        Assert.Null(imported.Architecture);
        Assert.Contains(imported.Remarks, remark => remark.Contains("says that its network is 'small', but in the place of head.conv", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_open_size_gets_its_networks_own()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_lite1");
        var graph = architecture.Build(new BuildOptions { Classes = 5 });
        OnnxExporter.Export(graph, SyntheticWeights.For(graph), _folder["f.onnx"], new OnnxExportOptions { DynamicResolution = true });
        Assert.Equal(TensorShape.Map(3, 240, 240), OnnxImporter.Import(_folder["f.onnx"]).Graph.Input.Shape);
    }

    private static OnnxImportOptions Claim(string name) => new() { Claim = ArchitectureRegistry.Get(name) };

    private static float[] Run(ReferenceRunner runner, float[] input) => [.. runner.Evaluate(input).Select(value => (float)value)];
}
