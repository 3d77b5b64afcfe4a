using System.Text.Json.Nodes;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet scale</c> and <c>effnet report</c>, and scaled networks as full citizens.</summary>
public sealed class ScaleCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("scale").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_scaled_network_is_described_trained_exported_and_loaded()
    {
        string file = Path.Combine(_root, "small.json"), run = Path.Combine(_root, "run"), onnx = Path.Combine(_root, "m.onnx");
        var scaled = JsonNode.Parse(
            Run("scale", "efficientnet_b0", "--depth", "0.5", "--width", "0.3", "--resolution", "32", "-o", file, "--json").Output)!;
        Assert.Equal("efficientnet_b0_d0.5_w0.3_r32", scaled["scaled"]!["name"]!.GetValue<string>());

        var described = JsonNode.Parse(Run("describe", file, "--json").Output)!;
        Assert.Equal(scaled["scaled"]!["parameters"]!.GetValue<long>(), described["parameters"]!.GetValue<long>());
        Assert.Equal(32, described["resolution"]!.GetValue<int>());

        var trained = Run("train", WriteImages(), "-a", file, "-o", run, "--epochs", "1", "--batch-size", "4", "--no-flip");
        Assert.Equal((0, ""), (trained.Code, trained.Code == 0 ? "" : trained.Error));
        string model = Path.Combine(run, "model.safetensors");
        Assert.Equal("efficientnet_b0_d0.5_w0.3_r32", ModelFile.Load(model).Architecture?.Name);
        var exported = Run("export", model, "-o", onnx);
        Assert.Contains("agree", exported.Output, StringComparison.Ordinal);
        Assert.Equal(0, Run("predict", onnx, Directory.EnumerateFiles(Path.Combine(_root, "images", "dark")).First()).Code);

        // And once more from the file.
        Assert.Equal(0, Run("scale", file, "--phi", "1").Code);
    }

    [Fact]
    public void A_budget_is_kept_and_its_phi_gives_the_same_network_again()
    {
        var found = JsonNode.Parse(Run("scale", "mobilenet_v2", "--macs", "500M", "--params", "5M", "--json").Output)!;
        Assert.InRange(found["scaled"]!["macs"]!.GetValue<long>(), 300_000_000, 500_000_000);
        Assert.InRange(found["scaled"]!["parameters"]!.GetValue<long>(), 3_000_000, 5_000_000);
        string phi = found["scaling"]!["phi"]!.ToJsonString();
        var again = JsonNode.Parse(Run("scale", "mobilenet_v2", "--phi", phi, "--json").Output)!;
        Assert.Equal(found["architecture"]!.ToJsonString(), again["architecture"]!.ToJsonString());
        Assert.Equal(5, found["alternatives"]!.AsArray().Count);
        Assert.Contains("What 500M multiply-adds, 5.00M parameters buys",
            Run("scale", "mobilenet_v2", "--macs", "500M", "--params", "5M").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bases_far_from_the_constraint_are_noted()
    {
        Assert.Contains("3.4", Run("scale", "resnet50", "--phi", "1", "--alpha", "1.4", "--beta", "1.2", "--gamma", "1.3").Error,
            StringComparison.Ordinal);
        Assert.Empty(Run("scale", "resnet50", "--phi", "1").Error);
    }

    [Theory]
    [InlineData("scale efficientnet_b0", "--phi")]
    [InlineData("scale efficientnet_b0 --phi 1 --macs 1G", "one way")]
    [InlineData("scale efficientnet_b0 --phi 1 --depth 2", "one way")]
    [InlineData("scale efficientnet_b0 --depth 2 --alpha 1.2", "--alpha")]
    [InlineData("scale efficientnet_b0 --phi x", "--phi")]
    [InlineData("scale efficientnet_b0 --phi 90", "depth")]
    [InlineData("scale efficientnet_b0 --phi 1 --alpha 0.5", "--alpha")]
    [InlineData("scale efficientnet_b0 --macs 12,5", "1.2G")]
    [InlineData("scale efficientnet_b0 --latency 12", "15ms")]
    [InlineData("scale efficientnet_b0 --macs 1K", "smallest")]
    [InlineData("scale efficientnet_b99 --phi 1", "efficientnet_b")]
    [InlineData("scale nowhere.json --phi 1", "nowhere.json")]
    [InlineData("scale efficientnet_b0 --phi 1 -o /nowhere/at/all.json", "/nowhere/at")]
    [InlineData("train . -a nowhere.json", "nowhere.json")]
    [InlineData("describe nowhere.json", "nowhere.json")]
    [InlineData("report", "report")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line, string named)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(named, error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"name\":\"x\"}")]
    public void A_file_that_is_no_architecture_gets_one_line(string contents)
    {
        string file = Path.Combine(_root, "bad.json");
        File.WriteAllText(file, contents);
        var (code, _, error) = Run("scale", file, "--phi", "1");
        Assert.Equal(2, code);
        Assert.Contains("bad.json", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void The_report_prints_the_paper_s_tables_and_writes_its_files()
    {
        string folder = Path.Combine(_root, "report");
        var (code, output, _) = Run("report", "scaling", "-o", folder);
        Assert.Equal(0, code);
        Assert.Contains("interchanged", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));
        var rows = JsonNode.Parse(Run("report", "scaling", "-o", folder, "--json").Output)!;
        Assert.Equal((14, 5, 8), (rows["table3"]!.AsArray().Count, rows["table7"]!.AsArray().Count, rows["formula"]!.AsArray().Count));
    }

    private string WriteImages() => TwoClasses.Write(Path.Combine(_root, "images"));
}
