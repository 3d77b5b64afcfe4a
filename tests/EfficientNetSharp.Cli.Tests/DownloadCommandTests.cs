using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Downloads;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet download</c>, as it is typed.</summary>
public sealed class DownloadCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_list_has_every_row()
    {
        var rows = JsonNode.Parse(Run("download", "--list", "--json").Output)!.AsArray();
        Assert.Equal(PublishedWeightsTable.All.Select(row => row.Name), rows.Select(row => row!["name"]!.GetValue<string>()));
        string table = Run("download", "--list").Output;
        Assert.All(PublishedWeightsTable.All, row => Assert.Contains($" {row.Name} ", table, StringComparison.Ordinal));
        Assert.All(JsonNode.Parse(Run("download", "lite0", "--list", "--json").Output)!.AsArray(),
            row => Assert.Contains("lite0", row!["name"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_from_a_mirror_lands_in_the_cache_and_the_next_step_is_said()
    {
        // A checkpoint of which no hash is published, so that a made-up file will do.
        var row = PublishedWeightsTable.Find("tpu/efficientnet-b0.aa")[0];
        string mirror = Path.Combine(_root, "mirror"), cache = Path.Combine(_root, "a cache"),
            file = Path.Combine(mirror, row.Url.AbsolutePath[1..]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "weights");

        var (code, output, error) = Run("download", "efficientnet-b0.aa", "--from", mirror, "--cache", cache);
        string path = WeightCache.PathOf(cache, row);
        Assert.Equal((0, path), (code, output.Trim()));
        Assert.Equal("weights", File.ReadAllText(path));
        Assert.Contains("no published hash", error, StringComparison.Ordinal);
        Assert.Contains($"effnet import \"{path}\" --architecture tf_efficientnet_b0 --source tpu -o tf_efficientnet_b0.safetensors", error,
            StringComparison.Ordinal);

        var again = JsonNode.Parse(Run("download", "tpu/efficientnet-b0.aa", "--cache", cache, "--json").Output)!;
        Assert.True(again["cached"]!.GetValue<bool>());
        Assert.Equal(path, again["path"]!.GetValue<string>());
    }

    [Fact]
    public void With_an_output_a_model_is_made_that_sees_images_as_the_publisher_meant()
    {
        // Made-up weights under timm's names, in the place of a file of which no hash is published.
        var row = PublishedWeightsTable.Find("timm/mobilenetv1_100.ra4_e3600_r224_in1k")[0];
        var architecture = ArchitectureRegistry.Get(row.Architecture);
        var card = new ModelCard
        {
            Classes = [.. Enumerable.Range(0, row.Classes).Select(i => $"{i}")],
            Preprocessing = Preprocessing.ForSize(32),
        };
        var weights = WeightInitializer.Initialize(architecture.Build(new BuildOptions { Height = 32, Width = 32 }), 3);
        string made = Path.Combine(_root, "made.safetensors"), file = Path.Combine(_root, "mirror", row.Url.AbsolutePath[1..]),
            model = Path.Combine(_root, "model.safetensors");
        ModelFile.Save(Model.Of(architecture, card, weights), made);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Assert.Equal(0, Run("export", made, "--format", "timm", "-o", file).Code);

        var (code, output, error) =
            Run("download", row.Name, "--from", Path.Combine(_root, "mirror"), "--cache", Path.Combine(_root, "cache"), "-o", model);
        Assert.Equal(0, code);
        Assert.StartsWith($"{model}: mobilenetv1_100 from timm", output, StringComparison.Ordinal);
        Assert.DoesNotContain("import", error, StringComparison.Ordinal);
        var imported = ModelFile.Load(model);
        Assert.Equal(row.Preprocessing.Mean, imported.Card.Preprocessing.Mean);
        Assert.Equal(row.Name, imported.Card.Provenance["published_as"]);
        Assert.Equal(row.Preprocessing.ResizeTo, imported.Card.Preprocessing.ResizeTo);
        Assert.Equal(weights["classifier.weight"].Values, imported.Weights["classifier.weight"].Values);
        Assert.Equal(2, Run("download", row.Name, "-o", "model.onnx").Code);
    }

    [Fact]
    public void Of_several_sets_the_one_taken_is_named()
    {
        var (code, output, error) = Run("download", "efficientnet-b1", "--from", _root, "--cache", Path.Combine(_root, "cache"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("taking torchvision/efficientnet_b1.IMAGENET1K_V2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("download", "--list")]
    [InlineData("download efficientnet_b0.ra_in2k", "efficientnet_b0.ra_in1k")]
    [InlineData("download resnet18 --from /no/such/folder", "/no/such/folder")]
    [InlineData("download nothing-like-this --list", "nothing-like-this")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line, string named)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void A_mirror_that_cannot_be_reached_is_a_failure_of_one_line()
    {
        // Names under .invalid never resolve (RFC 6761).
        var (code, output, error) =
            Run("download", "torchvision/resnet18", "--from", "http://mirror.invalid/", "--cache", Path.Combine(_root, "cache"));
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("f37072fd", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}
