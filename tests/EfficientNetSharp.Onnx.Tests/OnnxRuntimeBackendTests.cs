using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Onnx.Tests.Reading;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>A file has one meaning on all backends: that of the network which is read from it.</summary>
public sealed class OnnxRuntimeBackendTests
{
    [Fact]
    public void A_softmax_at_the_end_is_left_out_as_the_reader_does()
    {
        using var folder = new TemporaryFolder();
        OnnxExporter.Export(SmallModel.Create(), folder["m.onnx"], new OnnxExportOptions { AppendSoftmax = true });
        using var open = AssertAsRead(folder["m.onnx"]);
        Assert.Equal(["probabilities"], open.OutputNames);
    }

    [Fact]
    public void Images_and_maps_with_channels_last_are_turned_around_as_the_reader_does()
    {
        var file = new SmallFile(13, 1, 6, 5, 4)
            .Node("Transpose", "x", "planes", SmallFile.Ints("perm", 0, 3, 1, 2))
            .Weight("w", 3, 4, 3, 3)
            .Node("Conv", "planes w", "map", SmallFile.Ints("pads", 1, 0, 2, 1))
            .Node("Transpose", "map", "y", SmallFile.Ints("perm", 0, 2, 3, 1));
        using var open = AssertAsRead(file);
        Assert.Equal(TensorShape.Map(4, 6, 5), open.Runner.InputShape);
        Assert.Equal(TensorShape.Map(3, 7, 4), open.Runner.OutputShape);
    }

    [Fact]
    public void A_file_that_means_what_it_says_is_run_as_it_is()
    {
        var file = new SmallFile().Weight("w", 3, 4, 3, 3).Node("Conv", "x w", "y");
        Assert.True(file.Read().IsAsInFile);
        using var open = AssertAsRead(file);
    }

    [Fact]
    public void An_operator_that_the_reader_lacks_is_named_and_runs()
    {
        var file = new SmallFile().Node("Erf", "x", "y");
        Assert.Equal("Erf", Assert.Throws<InvalidInputException>(() => file.Read()).UnsupportedOperator);
        using var folder = new TemporaryFolder();
        using var open = Open(file, folder);
        Assert.Equal(TensorShape.Map(4, 6, 5), open.Runner.OutputShape);
    }

    [Fact]
    public void What_asks_for_more_than_its_bytes_justify_is_refused_before_it_runs()
    {
        // 100 bytes whose constants have 1.5 billion values.
        var file = new SmallFile()
            .Integers("shape", 1500, 1_000_000)
            .Node("ConstantOfShape", "shape", "many")
            .Node("ReduceMean", "many", "mean", SmallFile.Int("keepdims", 0))
            .Node("Add", "x mean", "y");
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InvalidInputException>(() => Open(file, folder));
        Assert.Null(error.UnsupportedOperator);
    }

    [Fact]
    public void A_map_that_is_too_large_is_refused_before_it_runs()
    {
        var file = new SmallFile().Weight("w", 1, 4, 1, 1).Node("Conv", "x w", "y", SmallFile.Ints("pads", 50_000, 50_000, 50_000, 50_000));
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InvalidInputException>(() => Open(file, folder));
        Assert.Contains("100006", error.Message, StringComparison.Ordinal);
        Assert.Null(error.UnsupportedOperator);
    }

    private static OpenedRunner AssertAsRead(SmallFile file)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f.onnx"], file.Model.ToByteArray());
        return AssertAsRead(folder["f.onnx"]);
    }

    private static OpenedRunner AssertAsRead(string path)
    {
        var network = OnnxReader.Read(path);
        var open = new OnnxRuntimeBackend().Open(path, new ModelReadOptions(), new RunnerOptions { Threads = 1 });
        using var expected = new ReferenceRunner(network.Graph, network.Weights);
        Assert.All(Comparison.Errors(expected, open.Runner), error => Assert.InRange(error, 0, 1e-5));
        return open;
    }

    private static OpenedRunner Open(SmallFile file, TemporaryFolder folder)
    {
        File.WriteAllBytes(folder["f.onnx"], file.Model.ToByteArray());
        return new OnnxRuntimeBackend().Open(folder["f.onnx"], new ModelReadOptions(), new RunnerOptions { Threads = 1 });
    }
}
