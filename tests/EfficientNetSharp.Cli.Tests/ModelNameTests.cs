using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Downloads;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>
/// Names of published weights, and folders of runs, in the place of a model file. The weights are made up and lie on a mirror, in the
/// place of a file of which no hash is published.
/// </summary>
public sealed class ModelNameTests : IClassFixture<ModelNameTests.Mirror>
{
    private readonly Mirror _mirror;

    public ModelNameTests(Mirror mirror) => _mirror = mirror;

    [Theory]
    [InlineData("mobilenet_v1")]
    [InlineData("MobileNetV1_100")]
    [InlineData("mobilenetv1_100.ra4_e3600_r224_in1k")]
    [InlineData("timm/mobilenetv1_100")]
    public void A_name_is_a_model_with_classes_and_preprocessing(string name)
    {
        var (code, output, error) = Run("predict", name, _mirror["images/tench/0.png"], "--json");
        Assert.Equal((0, true), (code, error.Contains("timm/mobilenetv1_100.ra4_e3600_r224_in1k", StringComparison.Ordinal)));
        // The planted bias: every image is a crane, the machine.
        var best = JsonNode.Parse(output)![0]!["predictions"]![0]!;
        Assert.Equal(("crane", 517), (best["class"]!.GetValue<string>(), best["index"]!.GetValue<int>()));
    }

    [Fact]
    public void Every_verb_that_takes_a_model_takes_a_name()
    {
        const string Name = "mobilenet_v1";
        NpyFile.Write(_mirror["x.npy"], [1, 3, 32, 32], new float[3 * 32 * 32]);
        string[][] commands =
        [
            ["embed", Name, _mirror["images"], "-o", _mirror["rows.npy"]],
            ["run", Name, "--input", _mirror["x.npy"], "--output", _mirror["y.npy"]],
            ["cam", Name, _mirror["images/tench/0.png"], "-o", _mirror["maps"], "--class", "n02012849"],
            ["evaluate", Name, _mirror["images"], "--json"],
            ["export", Name, "-o", _mirror["named.onnx"], "--no-check"],
            ["export", Name, "--format", "model", "--weights", "float16", "-o", _mirror["half.safetensors"]],
        ];
        foreach (string[] words in commands)
        {
            var (code, _, error) = Run(words);
            Assert.True(code == 0, $"{string.Join(' ', words)}: {error}");
        }

        Assert.Equal(ImageNetClasses.List.Ids, ModelFile.Load(_mirror["half.safetensors"]).Card.ClassIds);
        Assert.Equal(0, Run("predict", _mirror["named.onnx"], _mirror["images/tench/0.png"]).Code);
    }

    [Fact]
    public void A_folder_of_some_classes_by_id_or_name_is_judged_by_their_places_in_the_whole_list()
    {
        // Of five images one is the crane that the network finds everywhere.
        foreach (string data in new[] { "images", "ids" })
        {
            var (code, output, error) = Run("evaluate", "mobilenet_v1", _mirror[data], "--json");
            Assert.True(code == 0, error);
            var result = JsonNode.Parse(output)!;
            Assert.Equal(5, result["count"]!.GetValue<int>());
            Assert.Equal(data == "ids" ? 0.2 : 0, result["top1"]!.GetValue<double>(), 1e-12);
        }

        var (twin, _, words) = Run("evaluate", "mobilenet_v1", _mirror["twins"]);
        Assert.Equal(2, twin);
        Assert.Contains("n03126707", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("efficientnet_b9", "efficientnet_b0")]
    [InlineData("mobilefacenet", "no weights are published")]
    [InlineData("missing.safetensors", "There is no file 'missing.safetensors'")]
    [InlineData("some/where", "There is no file 'some/where'")]
    [InlineData("timm/efficientnet_b0.ra_in2k", "timm/efficientnet_b0.ra_in1k")]
    [InlineData("torchvision/resnet50.IMAGENET1K_V9", "torchvision/resnet50.IMAGENET1K_V1")]
    public void What_is_neither_file_nor_name_is_refused_with_the_nearest(string given, string named)
    {
        var (code, output, error) = Run("predict", given, _mirror["images/tench/0.png"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void A_file_goes_before_a_name_and_a_folder_must_be_a_run()
    {
        string folder = Directory.CreateDirectory(_mirror["run"]).FullName;
        Assert.Contains("folder of a run", Run("predict", folder, _mirror["images/tench/0.png"]).Error, StringComparison.Ordinal);
        ModelFile.Save(PlantedModel.Create(), Path.Combine(folder, "model.safetensors"));
        var (code, output, error) = Run("predict", folder, _mirror["images/tench/0.png"]);
        Assert.Equal((0, true), (code, error.Contains("model.safetensors", StringComparison.Ordinal)));
        Assert.Contains("red", output, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Run(params string[] words) => RunIn(_mirror.Variables, words);

    /// <summary>A mirror of one published file, and images of some of ImageNet's classes.</summary>
    public sealed class Mirror : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;

        public Mirror()
        {
            var row = PublishedWeightsTable.Find("timm/mobilenetv1_100.ra4_e3600_r224_in1k")[0];
            var architecture = ArchitectureRegistry.Get(row.Architecture);
            var weights = WeightInitializer.Initialize(architecture.Build(), 3);
            var bias = weights["classifier.bias"];
            var card = new ModelCard { Classes = ImageNetClasses.List.Names, Preprocessing = row.Preprocessing };
            var planted = new WeightTensor(bias.Shape, [.. Enumerable.Range(0, 1000).Select(i => i == 517 ? 100f : 0)]);
            var all = new WeightSet(weights.Select(pair => pair.Key == "classifier.bias" ? KeyValuePair.Create(pair.Key, planted) : pair));
            ModelFile.Save(Model.Of(architecture, card, all), this["made.safetensors"]);
            string file = this[$"mirror{row.Url.AbsolutePath}"];
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            Assert.Equal(0, Tool.Run("export", this["made.safetensors"], "--format", "timm", "-o", file).Code);
            Fill("images", "tench", "goldfish", "Great_White_Shark");
            Fill("ids", "n01440764", "n03126707", "n02012849", "Great_White_Shark", "goldfish");
            Fill("twins", "tench", "crane");
            // Five images under three names.
            foreach (string extra in new[] { "1", "2" }) File.Copy(this["images/tench/0.png"], this[$"images/tench/{extra}.png"]);
        }

        public Dictionary<string, string> Variables => new()
        {
            ["EFFNET_MIRROR"] = this["mirror"], ["EFFNET_CACHE"] = this["cache"],
        };

        public string this[string name] => Path.Combine(_root, name);

        public void Dispose() => Directory.Delete(_root, recursive: true);

        private void Fill(string folder, params string[] classes)
        {
            foreach (string name in classes)
            {
                Directory.CreateDirectory(this[$"{folder}/{name}"]);
                File.WriteAllBytes(this[$"{folder}/{name}/0.png"], PlantedModel.Image(bottom: false, right: true));
            }
        }
    }
}
