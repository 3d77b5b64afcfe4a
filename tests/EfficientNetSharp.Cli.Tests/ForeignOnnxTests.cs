using System.Text.Json.Nodes;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>An ONNX file of which nothing but the network is known, with images and classes said beside it.</summary>
public sealed class ForeignOnnxTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;
    private readonly Model _model = PlantedModel.Create();

    public ForeignOnnxTests()
    {
        OnnxExporter.Export(_model.Graph, _model.Weights, this["foreign.onnx"]);
        ModelFile.Save(_model, this["own.safetensors"]);
        File.WriteAllBytes(this["red.png"], PlantedModel.Image(bottom: true, right: false));
        File.WriteAllText(this["names.txt"], "red\nelse\nthird\nfourth\n");
        File.WriteAllText(this["own.json"], ModelJson.Serialize(_model.Card));
    }

    private string this[string name] => Path.Combine(_root, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void With_preprocessing_and_classes_it_predicts_as_the_model_does()
    {
        var own = Best(Run("predict", this["own.safetensors"], this["red.png"], "--json"));
        // A card's JSON holds a preprocessing.
        var said = Best(Run("predict", this["foreign.onnx"], this["red.png"], "--json", "--preprocessing", this["own.json"], "--classes",
            this["names.txt"]));
        Assert.Equal("red", said["class"]!.GetValue<string>());
        Assert.Equal(own["probability"]!.GetValue<double>(), said["probability"]!.GetValue<double>(), 1e-6);
        // Values of another scale are another image.
        var other = Best(Run("predict", this["foreign.onnx"], this["red.png"], "--json", "--preprocessing", "bytes", "--classes",
            this["names.txt"]));
        Assert.NotEqual(own["probability"]!.GetValue<double>(), other["probability"]!.GetValue<double>(), 1e-6);
    }

    [Fact]
    public void Each_verb_for_images_takes_it()
    {
        string data = Directory.CreateDirectory(this["data/red"]).Parent!.FullName;
        File.Copy(this["red.png"], Path.Combine(data, "red", "0.png"));
        string[] said = ["--preprocessing", "imagenet", "--classes", this["names.txt"]];
        string[][] commands =
        [
            ["evaluate", this["foreign.onnx"], data, .. said],
            ["embed", this["foreign.onnx"], data, "-o", this["rows.csv"], .. said[..2]],
            ["cam", this["foreign.onnx"], this["red.png"], "-o", this["maps"], .. said],
        ];
        foreach (string[] words in commands)
        {
            var (code, _, error) = Run(words);
            Assert.True(code == 0, $"{string.Join(' ', words)}: {error}");
        }
    }

    [Theory]
    [InlineData("", "--preprocessing")]
    [InlineData("--preprocessing imagenet", "--classes")]
    [InlineData("--preprocessing imagenet --classes imagenet", "4 outputs, found 1,000 class names")]
    [InlineData("--preprocessing imagnet", "imagenet, inception")]
    [InlineData("--preprocessing wrong.json --classes names.txt", "'meen'; its members are height, width")]
    [InlineData("--preprocessing imagenet --classes missing.txt", "missing.txt")]
    public void What_is_not_said_or_said_wrongly_is_asked_for(string options, string named)
    {
        File.WriteAllText(this["wrong.json"], """{"height": 64, "width": 96, "resizeTo": 64, "meen": [0, 0, 0]}""");
        string[] words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        words = [.. words.Select(word => word.Contains('.', StringComparison.Ordinal) ? this[word] : word)];
        var (code, output, error) = Run(["predict", this["foreign.onnx"], this["red.png"], .. words]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void Import_keeps_what_is_said_and_says_what_nobody_said()
    {
        var (code, output, error) = Run("import", this["foreign.onnx"], "-o", this["silent.safetensors"]);
        Assert.True(code == 0, error);
        Assert.Contains("does not say how images are prepared", output, StringComparison.Ordinal);
        (code, output, error) = Run(
            "import", this["foreign.onnx"], "-o", this["said.safetensors"], "--preprocessing", "insightface", "--class-names", this["names.txt"]);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("does not say how images are prepared", output, StringComparison.Ordinal);
        var card = ModelFile.Load(this["said.safetensors"]).Card;
        Assert.Equal((64, 96, CropRule.StretchResize, 0.5f),
            (card.Preprocessing.Height, card.Preprocessing.Width, card.Preprocessing.Crop, card.Preprocessing.Mean[0]));
        Assert.Equal(["red", "else", "third", "fourth"], card.Classes);
    }

    private static JsonNode Best((int Code, string Output, string Error) ran)
    {
        Assert.True(ran.Code == 0, ran.Error);
        return JsonNode.Parse(ran.Output)![0]!["predictions"]![0]!;
    }
}
