using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>What stands in an exported file.</summary>
public sealed class ExportedGraphTests
{
    private static readonly Graph B0 = ArchitectureRegistry.Get("efficientnet_b0")
        .Build(new BuildOptions { Height = 64, Width = 64, Classes = 10 });

    [Fact]
    public void Values_weights_and_nodes_have_the_names_of_the_graph()
    {
        var graph = Export(B0, new OnnxExportOptions { FoldBatchNormalization = false }).Graph;
        Assert.Equal(B0.Parameters.Select(parameter => parameter.Name), graph.Initializer.Select(tensor => tensor.Name));
        var kept = B0.Nodes.Where(node => node.Operator is not (Input or Dropout or StochasticDepth)).Select(node => node.Name);
        Assert.Equal(kept, graph.Node.Select(node => node.Name).Where(name => !name.EndsWith(".sigmoid", StringComparison.Ordinal)));
        Assert.Equal("input", Assert.Single(graph.Input).Name);
        Assert.Equal("logits", Assert.Single(graph.Output).Name);
        Assert.Equal("classifier", graph.Node[^1].Name);
        Assert.Equal(["flatten", "classifier.weight", "classifier.bias"], graph.Node[^1].Input);
    }

    [Fact]
    public void Every_value_is_made_once_and_before_it_is_taken()
    {
        var graph = Export(B0).Graph;
        var known = graph.Initializer.Select(tensor => tensor.Name).Append("input").ToHashSet();
        foreach (var node in graph.Node)
        {
            Assert.All(node.Input, name => Assert.Contains(name, known));
            Assert.All(node.Output, name => Assert.True(known.Add(name), name));
        }

        Assert.Equal(graph.Node.Count, graph.Node.Select(node => node.Name).Distinct().Count());
        Assert.Contains("logits", known);
    }

    [Fact]
    public void Normalisations_are_gone_when_folded_and_there_when_not()
    {
        // 16 blocks of depthwise and project, 15 of them with expand; stem and head.
        const int Norms = 16 + 16 + 15 + 2;
        Assert.Equal(0, Count(Export(B0), "BatchNormalization"));
        Assert.Equal(Norms, Count(Export(B0, new OnnxExportOptions { FoldBatchNormalization = false }), "BatchNormalization"));
        Assert.Equal(0, Count(Export(B0, new OnnxExportOptions { FoldBatchNormalization = false }), "Dropout"));
    }

    [Fact]
    public void Pooling_takes_the_form_asked_for()
    {
        const int Pools = 16 + 1;
        Assert.Equal(Pools, Count(Export(B0), "ReduceMean"));
        Assert.Equal(Pools, Count(Export(B0, new OnnxExportOptions { Pooling = PoolingForm.GlobalAveragePool }), "GlobalAveragePool"));
    }

    // The five strided convolutions of B0 with TensorFlow's zeros at 224, as listed by its authors' formula: top, left, bottom, right.
    [Fact]
    public void Same_padding_is_written_out_for_the_exported_size()
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnet_b0").Build(new BuildOptions { Classes = 0 });
        var pads = Export(graph).Graph.Node
            .Where(node => node.OpType == "Conv" && node.Attribute.Single(attribute => attribute.Name == "strides").Ints[0] == 2)
            .Select(node => string.Join(' ', node.Attribute.Single(attribute => attribute.Name == "pads").Ints));
        Assert.Equal(["0 0 1 1", "0 0 1 1", "1 1 2 2", "0 0 1 1", "1 1 2 2"], pads);
    }

    [Theory]
    [InlineData(11, 6)]
    [InlineData(12, 7)]
    [InlineData(14, 7)]
    [InlineData(15, 8)]
    [InlineData(17, 8)]
    [InlineData(18, 8)]
    [InlineData(19, 9)]
    [InlineData(22, 10)]
    public void The_format_version_goes_with_the_operator_set(int opset, int irVersion)
    {
        var model = Export(B0, new OnnxExportOptions { OpsetVersion = opset });
        Assert.Equal(irVersion, model.IrVersion);
        Assert.Equal(opset, Assert.Single(model.OpsetImport).Version);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(23)]
    [InlineData(-1)]
    public void An_operator_set_out_of_range_is_refused(int opset)
    {
        var error = Assert.Throws<InvalidInputException>(() => Export(B0, new OnnxExportOptions { OpsetVersion = opset }));
        Assert.Contains($"11 to 22, found {opset}", error.Message);
    }

    [Fact]
    public void Dimensions_are_open_where_asked_for()
    {
        Assert.Equal("batch 3 64 64 -> batch 10", Shapes(new OnnxExportOptions()));
        Assert.Equal("1 3 64 64 -> 1 10", Shapes(new OnnxExportOptions { DynamicBatch = false }));
        Assert.Equal("batch 3 height width -> batch 10", Shapes(new OnnxExportOptions { DynamicResolution = true }));

        static string Shapes(OnnxExportOptions options)
        {
            var graph = Export(B0, options).Graph;
            return $"{Shape(graph.Input[0])} -> {Shape(graph.Output[0])}";
        }
    }

    [Fact]
    public void Same_padding_refuses_an_open_resolution_and_says_what_to_do()
    {
        var graph = ArchitectureRegistry.Get("tf_efficientnet_b0").Build();
        var error = Assert.Throws<InvalidInputException>(() => Export(graph, new OnnxExportOptions { DynamicResolution = true }));
        Assert.Equal(
            "The zeros around 'stem.conv' (SAME padding) depend on the image's size, so a file fits one size; export with a fixed height and width.",
            error.Message);
    }

    [Fact]
    public void Same_padding_with_unit_strides_allows_an_open_resolution()
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 9, 9));
        builder.Append("conv", new Convolution(2, 3, 4, 1, 1, PaddingStyle.Same, HasBias: true));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("flatten", new Flatten());
        var model = Export(builder.Build(), new OnnxExportOptions { DynamicResolution = true });
        Assert.Equal("batch 2 height width", Shape(model.Graph.Input[0]));
    }

    [Fact]
    public void A_flattened_map_refuses_an_open_resolution()
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 9, 9));
        builder.Append("flatten", new Flatten());
        var error = Assert.Throws<InvalidInputException>(() => Export(builder.Build(), new OnnxExportOptions { DynamicResolution = true }));
        Assert.StartsWith("'flatten' flattens a map", error.Message);
    }

    [Fact]
    public void A_network_without_classes_yields_features_and_softmax_makes_probabilities()
    {
        var bare = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 64, Width = 64, Classes = 0 });
        Assert.Equal("features", Export(bare).Graph.Output[0].Name);
        var softmax = Export(B0, new OnnxExportOptions { AppendSoftmax = true }).Graph;
        Assert.Equal("probabilities", softmax.Output[0].Name);
        Assert.Equal(["logits"], softmax.Node[^1].Input);

        var error = Assert.Throws<InvalidInputException>(() => Export(bare, new OnnxExportOptions { AppendSoftmax = true }));
        Assert.Equal("A softmax is expected to follow the logits of classes, but the network yields features; export without it.",
            error.Message);
    }

    [Fact]
    public void Names_that_would_collide_get_a_number()
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 9, 9));
        builder.Append("logits", new Activation(ActivationKind.Silu));
        builder.Append("logits.sigmoid", new Activation(ActivationKind.Silu));
        builder.Append("pool", new GlobalAveragePool());
        builder.Append("a", new Convolution(2, 2, 1, 1, 1, PaddingStyle.Same, HasBias: true));
        builder.Append("a.weight", new Flatten());
        builder.Append("fc", new Linear(2, 4, HasBias: true));
        var graph = Export(builder.Build()).Graph;
        var names = graph.Initializer.Select(tensor => tensor.Name).Concat(graph.Node.SelectMany(node => node.Output)).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal("logits", graph.Output[0].Name);
        Assert.Equal(["logits"], graph.Node[^1].Output);
    }

    [Fact]
    public void Weights_that_do_not_fit_are_named()
    {
        var others = SyntheticWeights.For(ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Classes = 7 }));
        var error = Assert.Throws<InvalidInputException>(() => OnnxExporter.ExportToBytes(B0, others));
        Assert.Contains("classifier.weight is [7, 1280], expected [10, 1280]", error.Message);
    }

    [Fact]
    public void A_graph_keeps_its_size()
    {
        Assert.Throws<ArgumentException>(() => Export(B0, new OnnxExportOptions { Height = 65 }));
        Assert.Equal("batch 3 64 64", Shape(Export(B0, new OnnxExportOptions { Height = 64, Width = 64 }).Graph.Input[0]));
    }

    // 33 matrices of 64 MB are 2.2 GB. The refusal comes before any weight is looked at.
    [Fact]
    public void A_network_over_two_gigabytes_is_refused_before_writing()
    {
        var builder = new GraphBuilder(TensorShape.Map(4096, 1, 1));
        builder.Append("flatten", new Flatten());
        for (int i = 0; i < 33; i++) builder.Append($"fc{i}", new Linear(4096, 4096, HasBias: false));
        using var destination = new MemoryStream();
        var error = Assert.Throws<InvalidInputException>(() => OnnxExporter.Export(builder.Build(), new WeightSet([]), destination));
        Assert.StartsWith("An ONNX file holds at most 2 GB, this network would need 2.21 GB", error.Message);
        Assert.Equal(0, destination.Length);
    }

    [Fact]
    public void The_largest_published_network_is_within_the_limit()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_l2").Build();
        var error = Assert.Throws<InvalidInputException>(() => OnnxExporter.ExportToBytes(graph, new WeightSet([])));
        Assert.StartsWith("The weights do not fit the network", error.Message);
    }

    private static ModelProto Export(Graph graph, OnnxExportOptions? options = null) =>
        ModelProto.Parser.ParseFrom(OnnxExporter.ExportToBytes(graph, SyntheticWeights.For(graph), options));

    private static int Count(ModelProto model, string type) => model.Graph.Node.Count(node => node.OpType == type);

    private static string Shape(ValueInfoProto value) => string.Join(' ', value.Type.TensorType.Shape.Dim.Select(dimension =>
        dimension.HasDimParam ? dimension.DimParam : dimension.HasDimValue ? $"{dimension.DimValue}" : "?"));
}
