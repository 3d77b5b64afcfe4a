using System.Diagnostics;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The verbs, as they are typed.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void List_names_every_architecture_with_its_costs()
    {
        var rows = JsonNode.Parse(Run("list", "--json").Output)!.AsArray();
        Assert.Equal(ArchitectureRegistry.All.Select(architecture => architecture.Name),
            rows.Select(row => row!["name"]!.GetValue<string>()));
        var b0 = rows.First(row => row!["name"]!.GetValue<string>() == "efficientnet_b0")!;
        Assert.Equal(5_288_548, b0["parameters"]!.GetValue<long>());
        Assert.InRange(b0["macs"]!.GetValue<long>(), 382_000_000, 390_000_000);
        Assert.Equal(224, b0["resolution"]!.GetValue<int>());
        Assert.Equal("EfficientNet", b0["family"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("params", "parameters", 1)]
    [InlineData("macs", "macs", 1)]
    [InlineData("top1", null, -1)]
    [InlineData("name", null, 0)]
    public void List_leaves_out_what_is_too_large_and_sorts(string order, string? key, int direction)
    {
        var rows = JsonNode.Parse(Run("list", "--max-params", "10M", "--max-macs", "1G", "--sort", order, "--json").Output)!.AsArray();
        var all = JsonNode.Parse(Run("list", "--json").Output)!.AsArray();
        Assert.All(rows, row => Assert.True(IsSmall(row!)));
        Assert.Equal(all.Count(row => IsSmall(row!)), rows.Count);
        if (direction == 0)
        {
            string[] names = [.. rows.Select(row => row!["name"]!.GetValue<string>())];
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
            return;
        }

        double[] values = [.. rows.Select(row => direction * (key is null ? Top1(row!) : row![key]!.GetValue<long>()))];
        Assert.Equal(values.Order(), values);

        static bool IsSmall(JsonNode row) =>
            row["parameters"]!.GetValue<long>() <= 10_000_000 && row["macs"]!.GetValue<long>() <= 1_000_000_000;

        static double Top1(JsonNode row) =>
            row["weights"]!.AsArray().Max(weights => weights!["top1"]?.GetValue<double>()) ?? double.NegativeInfinity;
    }

    [Theory]
    [InlineData("list --max-params 10", "fewest parameters")]
    [InlineData("list lite --max-macs 1K", "'lite'")]
    [InlineData("list --max-params many", "--max-params")]
    [InlineData("list --max-macs -5", "--max-macs")]
    public void A_list_of_nothing_says_what_there_is(string line, string expected)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void Describe_counts_at_any_resolution()
    {
        var small = JsonNode.Parse(Run("describe", "efficientnet-b0", "--resolution", "112", "--json").Output)!;
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 112, Width = 112 });
        Assert.Equal(5_288_548, small["parameters"]!.GetValue<long>());
        Assert.Equal(GraphCosts.Of(graph).Macs, small["macs"]!.GetValue<long>());
        Assert.Equal(graph.Nodes.Length, small["layers"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("describe efficientnet_b9", "efficientnet_b0")]
    [InlineData("describe", "--help")]
    [InlineData("explode", "--help")]
    [InlineData("train /nowhere/at/all", "/nowhere/at/all")]
    [InlineData("train . --epochs many", "--epochs")]
    [InlineData("train . --epochs 0", "--epochs")]
    [InlineData("evaluate missing.safetensors .", "missing.safetensors")]
    [InlineData("predict missing.safetensors .", ".")]
    [InlineData("run missing.safetensors --input a.npy --output b.npy --backend abacus", "abacus")]
    [InlineData("export missing.safetensors --opset 5", "--opset")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line, string named)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void The_main_job_works_from_images_to_predictions()
    {
        string data = WriteImages(), run = Path.Combine(_root, "run"), model = Path.Combine(run, "model.safetensors"),
            onnx = Path.Combine(_root, "m.onnx");
        Assert.Equal(0, Run("train", data, "-o", run, "--resolution", "32", "--epochs", "2", "--batch-size", "4", "--no-flip").Code);
        Assert.All(
            new[] { "model.safetensors", "checkpoint.safetensors", "recipe.json", "history.csv", "report.html" },
            name => Assert.True(File.Exists(Path.Combine(run, name)), name));

        var evaluation = JsonNode.Parse(Run("evaluate", model, data, "--json", "--report", Path.Combine(_root, "r.html")).Output)!;
        // A sixth of each class was set aside; what was trained on is named and left out, unless it is asked for.
        Assert.Equal((4, 20), (evaluation["count"]!.GetValue<int>(), evaluation["trainedOn"]!.GetValue<int>()));
        var (_, all, note) = Run("evaluate", model, data, "--json", "--include-trained");
        Assert.Equal(24, JsonNode.Parse(all)!["count"]!.GetValue<int>());
        Assert.Contains("trained on 20 of these images (dark/", note, StringComparison.Ordinal);
        Assert.InRange(evaluation["top1"]!.GetValue<double>(), 0, 1);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Path.Combine(_root, "r.html")), StringComparison.OrdinalIgnoreCase);

        var exported = Run("export", model, "-o", onnx);
        Assert.Equal(0, exported.Code);
        Assert.Contains("agree", exported.Output, StringComparison.Ordinal);

        string image = Directory.EnumerateFiles(Path.Combine(data, "dark")).First();
        var fromModel = JsonNode.Parse(Run("predict", model, image, "--json").Output)!;
        var fromOnnx = JsonNode.Parse(Run("predict", onnx, image, "--json").Output)!;
        Assert.Equal(2, fromModel[0]!["predictions"]!.AsArray().Count);
        Assert.Equal(
            fromModel[0]!["predictions"]![0]!["probability"]!.GetValue<double>(),
            fromOnnx[0]!["predictions"]![0]!["probability"]!.GetValue<double>(), 1e-5);

        CompareBackends(model);
        ImportAgain(model, onnx, image);
        KeepInSixteenBits(model, image);
    }

    // A file exported here is the same model again, and can be trained on, whatever it is called.
    private void ImportAgain(string model, string onnx, string image)
    {
        string back = Path.Combine(_root, "back.safetensors"), tuned = Path.Combine(_root, "tuned");
        Assert.Equal(0, Run("import", onnx, "-o", back).Code);
        Assert.Equal(ModelJson.Serialize(ModelFile.Load(model).Card), ModelJson.Serialize(ModelFile.Load(back).Card));
        Assert.Equal(Best(model, image), Best(back, image), 1e-4);
        var wrong = Run("import", onnx, "-a", "resnet18", "-o", Path.Combine(_root, "wrong.safetensors"));
        Assert.Equal(2, wrong.Code);
        Assert.Contains("is not 'resnet18'", wrong.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_root, "wrong.safetensors")));
        Assert.Equal(0, Run("train", Path.Combine(_root, "images"), "--from", onnx, "-o", tuned, "--epochs", "1", "--batch-size",
            "4").Code);
    }

    private void KeepInSixteenBits(string model, string image)
    {
        string half = Path.Combine(_root, "half.safetensors");
        Assert.Equal(0, Run("export", model, "--format", "model", "--weights", "float16", "-o", half).Code);
        Assert.InRange((double)new FileInfo(half).Length / new FileInfo(model).Length, 0.45, 0.6);
        Assert.Equal(Best(model, image), Best(half, image), 1e-2);
        Assert.Equal(2, Run("export", model, "--format", "model", "-o", model).Code);
        Assert.Equal(2, Run("export", model, "--weights", "float16", "-o", Path.Combine(_root, "x.onnx")).Code);
    }

    private static double Best(string model, string image) =>
        JsonNode.Parse(Run("predict", model, image, "--json").Output)![0]!["predictions"]![0]!["probability"]!.GetValue<double>();

    [Fact]
    public void Predict_reports_a_broken_image_and_goes_on()
    {
        string data = WriteImages(), run = Path.Combine(_root, "run");
        Run("train", data, "-o", run, "--resolution", "32", "--epochs", "1", "--batch-size", "4");
        string broken = Path.Combine(data, "dark", "a broken one.png");
        File.WriteAllBytes(broken, [1, 2, 3]);
        var (code, output, _) = Run("predict", Path.Combine(run, "model.safetensors"), Path.Combine(data, "dark"), "--json");
        var results = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(1, code);
        Assert.Equal(13, results.Count);
        Assert.Single(results, result => result!["error"] is not null);
    }

    [Fact]
    public void A_training_process_that_is_killed_goes_on_to_the_same_bytes()
    {
        string data = WriteImages(), whole = Path.Combine(_root, "whole"), broken = Path.Combine(_root, "broken");
        string[] words = ["train", data, "--resolution", "32", "--epochs", "4", "--batch-size", "4", "--seed", "3"];
        Assert.Equal(0, Run([.. words, "-o", whole]).Code);

        using (var process = Start([.. words, "-o", broken]))
        {
            // Killed without warning some moment after the first checkpoint: in a step, a validation or a write.
            while (!File.Exists(Path.Combine(broken, "checkpoint.safetensors")) && !process.HasExited) Thread.Sleep(20);
            Thread.Sleep(150);
            process.Kill();
            process.WaitForExit();
        }

        Assert.Equal(0, Run([.. words, "-o", broken, "--resume"]).Code);
        foreach (string name in new[] { "model.safetensors", "checkpoint.safetensors", "history.csv" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name)), File.ReadAllBytes(Path.Combine(broken, name)));
    }

    [Fact]
    public void Doctor_finds_this_machine_sound()
    {
        var findings = JsonNode.Parse(Run("doctor", "--json").Output)!.AsArray();
        Assert.All(findings.Where(finding => finding!["what"]!.GetValue<string>() != "cores"),
            finding => Assert.True(finding!["good"]!.GetValue<bool>(), finding.ToJsonString()));
    }

    private void CompareBackends(string model)
    {
        var random = new SeededRandom(4);
        var input = new float[3 * 3 * 40 * 56];
        foreach (ref float value in input.AsSpan()) value = (float)random.NextGaussian();
        string x = Path.Combine(_root, "x.npy");
        NpyFile.Write(x, [3, 3, 40, 56], input);
        var outputs = new[] { "onnxruntime", "torch", "engine" }.Select(backend =>
        {
            string y = Path.Combine(_root, $"{backend}.npy");
            Assert.Equal(0, Run("run", model, "--input", x, "--output", y, "--backend", backend).Code);
            return NpyFile.Read(y);
        }).ToArray();
        Assert.Equal([3, 2], outputs[0].Shape);
        for (int i = 0; i < 6; i++) Assert.All(outputs, output => Assert.Equal(outputs[0].Values[i], output.Values[i], 1e-4f));

        NpyFile.Write(x, [1, 1, 8, 8], new float[64]);
        Assert.Equal(2, Run("run", model, "--input", x, "--output", Path.Combine(_root, "y.npy")).Code);
    }

    private string WriteImages() => TwoClasses.Write(Path.Combine(_root, "images"));

    private static Process Start(string[] words)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "effnet.dll"));
        foreach (string word in words) start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
