using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Testing;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>Networks with several outputs as files and in ONNX Runtime.</summary>
public sealed class FeatureMapTests
{
    [Fact]
    public void A_file_names_its_maps_by_stride_and_has_no_classes()
    {
        var model = SmallModel.Create();
        byte[] file = OnnxExporter.ExportToBytes(model, new OnnxExportOptions { FeatureStrides = [4, 2] });
        var proto = ModelProto.Parser.ParseFrom(file);
        Assert.Equal(["stride_4", "stride_2"], proto.Graph.Output.Select(output => output.Name));
        Assert.Equal("[]", proto.MetadataProps.Single(entry => entry.Key == "classes").Value);
        // The head is not needed, so its weights do not go along.
        Assert.DoesNotContain(proto.Graph.Initializer, tensor => tensor.Name.StartsWith("classifier", StringComparison.Ordinal)
            || tensor.Name.StartsWith("head", StringComparison.Ordinal));
        using var runner = OnnxRuntimeRunner.Load(file);
        Assert.Equal(["stride_4", "stride_2"], runner.OutputNames);
        Assert.Equal([TensorShape.Map(16, 8, 10), TensorShape.Map(8, 16, 20)], runner.OutputShapes);
    }

    [Fact]
    public void Pooled_features_are_one_row_of_the_last_maps_means()
    {
        var model = SmallModel.Create();
        using var pooled = OnnxRuntimeRunner.Load(OnnxExporter.ExportToBytes(model, new OnnxExportOptions { PooledFeatures = true }));
        Assert.Equal(["features"], pooled.OutputNames);
        Assert.Equal(TensorShape.Vector(24), pooled.OutputShape);
        float[] input = SmallModel.Images(pooled.InputShape, 2);

        // Independent of the pooling node: the reference's last map, averaged here.
        var whole = model.BuildGraph();
        var maps = whole.WithOutputs(whole.Nodes.Last(node => !node.Shape.IsVector && node.Operator is Activation));
        using var reference = new ReferenceRunner(maps, model.Weights);
        var last = BackendSpecification.RunAll(reference, input, 2)[0];
        float[] means = [.. last.Chunk(maps.Output.Shape.Height * maps.Output.Shape.Width).Select(channel => channel.Average())];
        Assert.InRange(RelativeError.OfRows(SmallModel.Run(pooled, input, 2), means, 2), 0, 1e-5);
    }

    // The first output alone, all of them, in pieces and not: a map that others go on from stays whole.
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_file_for_any_and_for_a_fixed_batch_yield_the_same_maps(int? batchInFile)
    {
        var graph = EveryOperator.Build();
        var weights = SyntheticWeights.For(graph, gain: 3);
        var proto = ModelProto.Parser.ParseFrom(
            OnnxExporter.ExportToBytes(graph, weights, new OnnxExportOptions { DynamicBatch = batchInFile is null }));
        if (batchInFile is { } fixedBatch)
        {
            foreach (var value in proto.Graph.Input.Concat(proto.Graph.Output)) value.Type.TensorType.Shape.Dim[0].DimValue = fixedBatch;
            proto.Graph.ValueInfo.Clear();
        }

        using var runner = OnnxRuntimeRunner.Load(proto.ToByteArray());
        using var reference = new ReferenceRunner(graph, weights);
        foreach (int batch in new[] { 1, 2, 7 })
        {
            float[] input = SyntheticInput.Batch(graph.Input.Shape, batch);
            float[][] expected = BackendSpecification.RunAll(reference, input, batch),
                actual = BackendSpecification.RunAll(runner, input, batch);
            for (int i = 0; i < expected.Length; i++) Assert.InRange(RelativeError.OfRows(actual[i], expected[i], batch), 0,
                BackendSpecification.Tolerance);
            Assert.InRange(RelativeError.OfRows(SmallModel.Run(runner, input, batch), expected[0], batch), 0,
                BackendSpecification.Tolerance);
        }
    }

    [Fact]
    public void Maps_of_an_open_resolution_follow_the_image()
    {
        var model = SmallModel.Create(SmallModel.Architecture with { Padding = PaddingStyle.Symmetric });
        byte[] open = OnnxExporter.ExportToBytes(model, new OnnxExportOptions { FeatureStrides = [2, 4], DynamicResolution = true });
        var graph = model.BuildFeatureGraph([2, 4], 21, 50);
        var options = new OnnxRuntimeOptions { Height = 21, Width = 50 };
        BackendSpecification.AssertAgreement(graph, model.Weights.For(graph), (_, _) => [OnnxRuntimeRunner.Load(open, options)], batch: 2);
    }

    // Anchors of a detector, indices of another type, a third kind of shape: they do not stop a file whose first output is a row.
    [Fact]
    public void Outputs_that_are_neither_rows_nor_maps_are_left_aside()
    {
        var proto = ModelProto.Parser.ParseFrom(OnnxExporter.ExportToBytes(SmallModel.Create()));
        proto.Graph.Initializer.Add(
            new TensorProto { Name = "anchors", DataType = 1, Dims = { 5, 4 }, RawData = ByteString.CopyFrom(new byte[80]) });
        proto.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "anchors" }, Output = { "anchors_out" } });
        proto.Graph.Node.Add(new NodeProto { OpType = "ArgMax", Input = { "logits" }, Output = { "best" } });
        foreach (var (name, type, dimensions) in new[] { ("anchors_out", 1, new long[] { 5, 4 }), ("best", 7, [1, 4]) })
        {
            var shape = new TensorShapeProto();
            shape.Dim.Add(dimensions.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }));
            proto.Graph.Output.Add(
                new ValueInfoProto { Name = name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } } });
        }

        using var runner = OnnxRuntimeRunner.Load(proto.ToByteArray());
        Assert.Equal(["logits"], runner.OutputNames);
    }

    [Fact]
    public void What_cannot_be_exported_is_one_line()
    {
        var model = SmallModel.Create();
        foreach (var options in new[]
        {
            new OnnxExportOptions { FeatureStrides = [3] },
            new OnnxExportOptions { FeatureStrides = [2, 2] },
            new OnnxExportOptions { FeatureStrides = [2], PooledFeatures = true },
            new OnnxExportOptions { FeatureStrides = [2, 4], AppendSoftmax = true },
        })
        {
            Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => OnnxExporter.ExportToBytes(model, options)).Message);
        }

        Assert.Throws<ArgumentException>(
            () => OnnxExporter.ExportToBytes(model.BuildGraph(), model.Weights, new OnnxExportOptions { PooledFeatures = true }));
    }

    [Fact]
    public void Room_that_does_not_fit_the_outputs_is_refused()
    {
        var graph = EveryOperator.Build();
        using var runner = OnnxRuntimeRunner.Create(graph, SyntheticWeights.For(graph));
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1);
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 1, new float[5]));
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 1, new float[5], new float[5], new float[5], new float[5]));
    }
}
