using EfficientNetSharp.Architectures;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>Where the bytes go and what they cost.</summary>
public sealed class WritingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_stream_and_bytes_are_equal_and_repeatable()
    {
        var model = SmallModel.Create();
        byte[] bytes = OnnxExporter.ExportToBytes(model);
        using var stream = new MemoryStream();
        OnnxExporter.Export(model, stream);
        OnnxExporter.Export(model, _folder["small.onnx"]);
        Assert.Equal(bytes, stream.ToArray());
        Assert.Equal(bytes, File.ReadAllBytes(_folder["small.onnx"]));
        Assert.Equal(bytes, OnnxExporter.ExportToBytes(SmallModel.Create()));
    }

    [Fact]
    public void Weights_stand_in_the_file_bit_by_bit()
    {
        var model = SmallModel.Create();
        var proto = Schema.ModelProto.Parser.ParseFrom(
            OnnxExporter.ExportToBytes(model, new OnnxExportOptions { FoldBatchNormalization = false }));
        foreach (var tensor in proto.Graph.Initializer)
        {
            byte[] raw = tensor.RawData.ToByteArray();
            var expected = model.Weights[tensor.Name].Values;
            Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(i => BitConverter.ToSingle(raw, i * 4)));
            Assert.Equal(model.Weights[tensor.Name].Shape.Select(dimension => (long)dimension), tensor.Dims);
        }
    }

    [Fact]
    public void A_refused_export_leaves_the_old_file_and_nothing_beside_it()
    {
        File.WriteAllText(_folder["small.onnx"], "old");
        Assert.Throws<InvalidInputException>(
            () => OnnxExporter.Export(SmallModel.Create(), _folder["small.onnx"], new OnnxExportOptions { OpsetVersion = 3 }));
        Assert.Equal("old", File.ReadAllText(_folder["small.onnx"]));
        OnnxExporter.Export(SmallModel.Create(), _folder["small.onnx"]);
        Assert.NotEqual(3, new FileInfo(_folder["small.onnx"]).Length);
        Assert.Equal(["small.onnx"], _folder.Files);
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_one_line_of_complaint()
    {
        foreach (string path in new[] { "", _folder["."], Path.Combine(_folder["no-folder"], "x.onnx") })
            Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => OnnxExporter.Export(SmallModel.Create(), path)).Message);
    }

    // B3 has 49 MB of weights. Written as they are they are not copied; folding makes new ones of the convolutions', the bytes
    // are another set.
    [Fact]
    public void Writing_makes_no_copies_of_the_weights_but_the_folded_one()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b3").Build();
        var weights = SyntheticWeights.For(graph);
        long size = weights.Values.Sum(tensor => tensor.Values.Length * 4L);
        Assert.InRange(Allocated(
            () => OnnxExporter.Export(graph, weights, Stream.Null, new OnnxExportOptions { FoldBatchNormalization = false })), 0,
            0.2 * size);
        Assert.InRange(Allocated(() => OnnxExporter.Export(graph, weights, Stream.Null)), 0, size);
        Assert.InRange(Allocated(() => OnnxExporter.ExportToBytes(graph, weights)), 0, 2 * size);
    }

    [Fact]
    public void Reading_a_card_skips_the_weights()
    {
        var card = SmallModel.Card with
        {
            Preprocessing = SmallModel.Card.Preprocessing with { Height = 224, Width = 224, ResizeTo = 256 },
        };
        OnnxExporter.Export(SmallModel.Create(ArchitectureRegistry.Get("efficientnet_b0"), card), _folder["b0.onnx"]);
        Assert.InRange(Allocated(() => OnnxModelFile.ReadCard(_folder["b0.onnx"])), 0, 2_000_000);
    }

    private static long Allocated(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
