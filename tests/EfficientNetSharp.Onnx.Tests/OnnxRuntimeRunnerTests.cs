using EfficientNetSharp.Graphs;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Testing;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>What a runner takes, refuses and survives.</summary>
public sealed class OnnxRuntimeRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_its_graph_and_its_file_run_the_same()
    {
        var model = SmallModel.Create();
        OnnxExporter.Export(model, _folder["small.onnx"]);
        using var ofModel = OnnxRuntimeRunner.Create(model);
        using var ofGraph = OnnxRuntimeRunner.Create(model.BuildGraph(), model.Weights);
        using var ofFile = OnnxRuntimeRunner.Open(_folder["small.onnx"], new OnnxRuntimeOptions { Threads = 1 });
        float[] images = SmallModel.Images(ofModel.InputShape, 2), expected = new float[2 * 4];
        using var reference = new ReferenceRunner(model.BuildGraph(), model.Weights);
        reference.Run(images, 2, expected);
        foreach (var runner in new[] { ofModel, ofGraph, ofFile })
        {
            Assert.Equal("onnxruntime", runner.Backend);
            Assert.Equal(TensorShape.Map(2, 32, 40), runner.InputShape);
            Assert.Equal(TensorShape.Vector(4), runner.OutputShape);
            Assert.InRange(RelativeError.OfRows(SmallModel.Run(runner, images, 2), expected, 2), 0, 1e-5);
        }
    }

    [Fact]
    public void A_model_runs_at_another_size()
    {
        using var runner = OnnxRuntimeRunner.Create(SmallModel.Create(), new OnnxRuntimeOptions { Height = 50, Width = 60 });
        Assert.Equal(TensorShape.Map(2, 50, 60), runner.InputShape);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_named()
    {
        using var runner = OnnxRuntimeRunner.Create(SmallModel.Create());
        const int Image = 2 * 32 * 40;
        var error = Assert.Throws<ArgumentException>(() => runner.Run(new float[Image], 2, new float[8]));
        Assert.Equal("input", error.ParamName);
        Assert.Contains($"2 × 2×32×40 are {2 * Image} values, found {Image}", error.Message);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => runner.Run(new float[Image], 1, new float[5])).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => runner.Run(new float[Image], 1, [])).ParamName);
        Assert.Equal("batch", Assert.Throws<ArgumentOutOfRangeException>(() => runner.Run([], 0, [])).ParamName);
        Assert.Equal("batch", Assert.Throws<ArgumentOutOfRangeException>(() => runner.Run(new float[Image], -1, new float[4])).ParamName);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => runner.Run(new float[Image], int.MaxValue, new float[4])).ParamName);
    }

    [Fact]
    public void Output_goes_into_the_callers_span_and_nowhere_beside_it()
    {
        using var runner = OnnxRuntimeRunner.Create(SmallModel.Create());
        float[] images = SmallModel.Images(runner.InputShape, 1), padded = new float[12];
        padded.AsSpan().Fill(-7);
        runner.Run(images, 1, padded.AsSpan(3, 4));
        Assert.Equal(SmallModel.Run(runner, images, 1), padded[3..7]);
        Assert.All(padded[..3].Concat(padded[7..]), value => Assert.Equal(-7, value));
    }

    [Fact]
    public void Calls_at_once_yield_what_calls_in_turn_do()
    {
        using var runner = OnnxRuntimeRunner.Create(SmallModel.Create(), new OnnxRuntimeOptions { Threads = 1 });
        int length = (int)runner.InputShape.Count;
        float[] images = SmallModel.Images(runner.InputShape, 16);
        var expected = Enumerable.Range(0, 16).Select(n => SmallModel.Run(runner, images[(n * length)..((n + 1) * length)], 1)).ToArray();
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            int n = i % 16;
            Assert.Equal(expected[n], SmallModel.Run(runner, images[(n * length)..((n + 1) * length)], 1));
        });
    }

    [Fact]
    public void A_disposed_runner_refuses_to_run_and_may_be_disposed_again()
    {
        var runner = OnnxRuntimeRunner.Create(SmallModel.Create());
        runner.Dispose();
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runner.Run(new float[2 * 32 * 40], 1, new float[4]));
    }

    // A file for one image runs any number of them, one for three runs seven in pieces.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_file_for_a_fixed_batch_takes_any(int batchInFile)
    {
        var model = SmallModel.Create();
        var proto = ModelProto.Parser.ParseFrom(OnnxExporter.ExportToBytes(model, new OnnxExportOptions { DynamicBatch = false }));
        foreach (var value in proto.Graph.Input.Concat(proto.Graph.Output)) value.Type.TensorType.Shape.Dim[0].DimValue = batchInFile;
        proto.Graph.ValueInfo.Clear();
        using var fixedBatch = OnnxRuntimeRunner.Load(proto.ToByteArray());
        using var anyBatch = OnnxRuntimeRunner.Create(model);
        float[] images = SmallModel.Images(anyBatch.InputShape, 7);
        int length = (int)anyBatch.InputShape.Count;
        foreach (int batch in new[] { 1, 2, 3, 7 })
        {
            float[] some = images[..(batch * length)];
            Assert.InRange(RelativeError.OfRows(SmallModel.Run(fixedBatch, some, batch), SmallModel.Run(anyBatch, some, batch), batch), 0,
                1e-6);
        }
    }

    [Fact]
    public void An_open_resolution_asks_for_a_size_and_a_fixed_one_refuses_another()
    {
        var model = SmallModel.Create();
        byte[] open = OnnxExporter.ExportToBytes(model, new OnnxExportOptions { DynamicResolution = true }),
            closed = OnnxExporter.ExportToBytes(model);
        Assert.Contains("name the height", Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Load(open)).Message);
        Assert.Contains(
            "name the width", Assert.Throws<InvalidInputException>(
            () => OnnxRuntimeRunner.Load(open, new OnnxRuntimeOptions { Height = 32 })).Message);
        Assert.Contains(
            "takes images of height 32, not 33",
            Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Load(closed, new OnnxRuntimeOptions { Height = 33 })).Message);
        Assert.Throws<InvalidInputException>(() => OnnxRuntimeRunner.Load(open, new OnnxRuntimeOptions { Height = 0, Width = 32 }));
    }

    // Other exporters leave the output's shape open; a map then follows the image's size.
    [Fact]
    public void An_open_output_shape_is_found_by_running()
    {
        var builder = new GraphBuilder(TensorShape.Map(2, 9, 9));
        builder.Append("conv", new Convolution(2, 3, 3, 2, 1, PaddingStyle.Symmetric, HasBias: false));
        var graph = builder.Build();
        byte[] open = OnnxExporter.ExportToBytes(graph, SyntheticWeights.For(graph), new OnnxExportOptions { DynamicResolution = true });
        using var runner = OnnxRuntimeRunner.Load(open, new OnnxRuntimeOptions { Height = 12, Width = 7 });
        Assert.Equal(TensorShape.Map(3, 6, 4), runner.OutputShape);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void A_senseless_number_of_threads_is_refused(int threads)
    {
        var error = Assert.Throws<InvalidInputException>(
            () => OnnxRuntimeRunner.Create(SmallModel.Create(), new OnnxRuntimeOptions { Threads = threads }));
        Assert.Contains($"found {threads}", error.Message);
    }

    public static TheoryData<string> Damages =>
    [
        "empty", "text", "half", "last byte", "flipped", "no output", "double input", "three dimensions", "unknown operator", "cycle",
        "weight cut", "huge weight",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_file_is_one_line_of_complaint(string damage)
    {
        byte[] whole = OnnxExporter.ExportToBytes(SmallModel.Create());
        var proto = ModelProto.Parser.ParseFrom(whole);
        byte[] damaged = damage switch
        {
            "empty" => [],
            "text" => "this is not a network"u8.ToArray(),
            "half" => whole[..(whole.Length / 2)],
            "last byte" => whole[..^1],
            "flipped" => [.. whole.Select((b, i) => i < 200 ? (byte)~b : b)],
            "no output" => Changed(graph => graph.Output.Clear()),
            "double input" => Changed(graph => graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Double),
            "three dimensions" => Changed(graph => graph.Input[0].Type.TensorType.Shape.Dim.RemoveAt(3)),
            "unknown operator" => Changed(graph => graph.Node[3].OpType = "Teleport"),
            "cycle" => Changed(graph => graph.Node[0].Input[0] = graph.Node[3].Output[0]),
            "weight cut" => Changed(graph => graph.Initializer[0].RawData = ByteString.CopyFrom(1, 2, 3)),
            "huge weight" => Changed(graph => graph.Initializer[0].Dims[0] = long.MaxValue / 2),
            _ => throw new ArgumentOutOfRangeException(nameof(damage)),
        };
        File.WriteAllBytes(_folder["damaged.onnx"], damaged);
        foreach (var open in new Func<IModelRunner>[] { () => OnnxRuntimeRunner.Open(_folder["damaged.onnx"]),
            () => OnnxRuntimeRunner.Load(damaged) })
        {
            var error = Assert.Throws<InvalidInputException>(() => open().Dispose());
            Assert.DoesNotContain('\n', error.Message);
            Assert.InRange(error.Message.Length, 20, 500);
        }

        byte[] Changed(Action<GraphProto> change)
        {
            change(proto.Graph);
            return proto.ToByteArray();
        }
    }
}
