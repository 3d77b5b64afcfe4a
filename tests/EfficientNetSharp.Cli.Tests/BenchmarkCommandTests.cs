using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>What the benchmark prints, and that the engine is what runs where no backend is named.</summary>
public sealed class BenchmarkCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-benchmark").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_backend_is_measured_with_the_promised_fields()
    {
        var (code, output, error) =
            Run("benchmark", "mobilenetv3_small_100", "--resolution", "64", "--threads", "1", "--batch", "2", "--rounds", "3", "--json");
        Assert.True(code == 0, error);
        var rows = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(["engine", "onnxruntime", "torch"], rows.Select(row => row!["backend"]!.GetValue<string>()));
        foreach (var row in rows)
        {
            Assert.Equal((1, 2), (row!["threads"]!.GetValue<int>(), row["batch"]!.GetValue<int>()));
            double median = row["medianMs"]!.GetValue<double>(), min = row["minMs"]!.GetValue<double>();
            Assert.True(min > 0 && min <= median);
            Assert.Equal(2000 / median, row["imagesPerSecond"]!.GetValue<double>(), 6);
            Assert.True(row["gflops"]!.GetValue<double>() > 0 && row["percentOfPeak"]!.GetValue<double>() > 0);
            Assert.True(row.AsObject().ContainsKey("peakMemoryMiB"));
            Assert.Equal(3, row["timesMs"]!.AsArray().Count);
            Assert.True(row["lowerQuartileMs"]!.GetValue<double>() <= median && median <= row["upperQuartileMs"]!.GetValue<double>());
            Assert.True(row["firstMs"]!.GetValue<double>() > 0 && row["warmUpMs"]!.AsArray().Count >= 3);
            Assert.False(row["noisy"]!.GetValue<bool>(), "of three runs nothing can be said");
            Assert.Equal(median, Assert.Single(row["processMediansMs"]!.AsArray())!.GetValue<double>());
        }
    }

    [Fact]
    public void Several_processes_are_put_together()
    {
        var (code, output, error) = Run(
            "benchmark", "mobilenetv3_small_100", "--resolution", "64x96", "--threads", "1", "--rounds", "4", "--backend", "engine",
            "--simd", "128", "--processes", "2", "--json");
        Assert.True(code == 0, error);
        var row = Assert.Single(JsonNode.Parse(output)!.AsArray())!;
        Assert.Equal((8, 2), (row["timesMs"]!.AsArray().Count, row["processMediansMs"]!.AsArray().Count));
        Assert.Equal((128, 96), (row["simdBits"]!.GetValue<int>(), row["input"]![2]!.GetValue<int>()));
        Assert.Equal(row["minMs"]!.GetValue<double>(), row["timesMs"]!.AsArray().Min(time => time!.GetValue<double>()));
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("0")]
    [InlineData("64")]
    [InlineData("-128")]
    [InlineData("1024")]
    [InlineData("")]
    public void Vectors_that_there_are_not_are_refused_by_name(string bits)
    {
        var (code, _, error) = Run("benchmark", "mobilenetv3_small_100", "--simd", bits);
        Assert.Equal(2, code);
        Assert.Contains("--simd", error, StringComparison.Ordinal);
        Assert.Contains("128", error, StringComparison.Ordinal);
        Assert.Contains($"found {(int.TryParse(bits, out _) ? bits : $"'{bits}'")}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("onnxruntime")]
    [InlineData("torch")]
    public void Vectors_are_the_engines_alone_to_choose(string backend)
    {
        var (code, _, error) = Run("benchmark", "mobilenetv3_small_100", "--resolution", "64", "--simd", "128", "--backend", backend);
        Assert.Equal(2, code);
        Assert.Contains($"'{backend}' chooses its vectors itself", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_backend_may_be_measured_alone_and_says_where_the_time_goes()
    {
        var (code, output, _) =
            Run("benchmark", "efficientnet_lite0", "--resolution", "64x96", "--backend", "engine", "--threads", "1", "--rounds", "2");
        Assert.Equal(0, code);
        Assert.Contains("3×64×96", output, StringComparison.Ordinal);
        Assert.Contains("Pointwise", output, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_runs_models_and_ONNX_files_where_no_backend_is_named()
    {
        var golden = Golden.Load("torchvision/efficientnet_b0_r113_b1_s1");
        string weights = In("w.pth"), model = In("m.safetensors"), onnx = In("m.onnx"), input = In("in.npy");
        TorchFile.Write(weights, golden.CreateSourceTensors());
        Assert.Equal(0, Run("import", weights, "-a", "efficientnet_b0", "-o", model, "--resolution", "113").Code);
        Assert.Equal(0, Run("export", model, "-o", onnx, "--no-check").Code);
        NpyFile.Write(input, [1, 3, 113, 113], golden.CreateInput());
        foreach (string file in new[] { model, onnx })
        {
            var (code, _, error) = Run("run", file, "--input", input, "--output", In("out.npy"));
            Assert.Equal(0, code);
            Assert.Contains("by engine", error, StringComparison.Ordinal);
            Assert.InRange(RelativeError.OfRows(NpyFile.Read(In("out.npy")).Values, golden.Output), 0, golden.Tolerance);
        }
    }

    [Fact]
    public void Latencies_of_chosen_networks_become_a_table_and_a_plot()
    {
        var (code, output, _) = Run("report", "latency", "--networks", "mobilenetv3_small", "-o", In("latency"), "--threads", "1");
        Assert.Equal(0, code);
        Assert.Contains("| `mobilenetv3_small_100` | 224 | 0.057 |", output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(In("latency"), "latency.md")), output[..(output.LastIndexOf('|') + 2)]);
    }

    private string In(string name) => Path.Combine(_root, name);
}
