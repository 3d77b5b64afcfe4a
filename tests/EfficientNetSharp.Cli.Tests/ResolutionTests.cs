using System.Text.Json.Nodes;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>
/// One rule for another size, in every verb that has the option: the TPU code's crop keeps its margin of 32 pixels, so 128 out of 160
/// is 192 out of 224. Its share would give 240, and another image.
/// </summary>
public sealed class ResolutionTests : IDisposable
{
    private const int Own = 128, Other = 192, Margin = 32;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-resolution-").FullName;

    private readonly string _model, _other, _image;

    public ResolutionTests()
    {
        (_model, _other) = (Save("own", Own, Own + Margin), Save("other", Other, Other + Margin));
        _image = InRoot("scene.png");
        File.WriteAllBytes(_image, PlantedModel.Image(bottom: true, right: false));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Predict_embed_and_cam_see_what_a_model_of_that_size_sees()
    {
        foreach (string[] words in new string[][] { ["predict"], ["embed"], ["cam", "--method", "cam", "-o", _root] })
        {
            string expected = Good([words[0], _other, _image, .. words[1..], "--json"]);
            Assert.Equal(expected, Good([words[0], _model, _image, .. words[1..], "--json", "--resolution", "192"]));
            Assert.Equal(expected, Good([words[0], _model, _image, .. words[1..], "--json", "--resolution", "192x192"]));
            Assert.NotEqual(expected,
                Good([words[0], _model, _image, .. words[1..], "--json", "--resolution", "192", "--crop-pct", "0.8"]));
        }
    }

    [Fact]
    public void Evaluate_and_the_export_of_that_size_agree_with_it_too()
    {
        string data = InRoot("data"), onnx = InRoot("m.onnx"), small = InRoot("small.onnx");
        foreach (string name in new[] { "red", "else" })
        {
            Directory.CreateDirectory(Path.Combine(data, name));
            File.WriteAllBytes(Path.Combine(data, name, "1.png"), PlantedModel.Image(bottom: name == "red", right: true));
        }

        Good(["export", _model, "-o", onnx, "--resolution", "192"]);
        Good(["export", _model, "-o", small, "--no-check"]);
        var card = OnnxModelFile.ReadCard(onnx).Preprocessing;
        Assert.Equal((Other, Other, Other + Margin), (card.Height, card.Width, card.ResizeTo));
        double expected = Loss(["evaluate", _other, data]);
        Assert.Equal(expected, Loss(["evaluate", _model, data, "--resolution", "192"]), 1e-6);
        Assert.Equal(expected, Loss(["evaluate", onnx, data]), 1e-6);
        Assert.Equal(expected, Loss(["evaluate", onnx, data, "--resolution", "192", "--backend", "onnxruntime"]), 1e-5);

        // A file of one size refuses another in one line, whoever runs it.
        foreach (string[] backend in new string[][] { [], ["--backend", "engine"], ["--backend", "onnxruntime"] })
        {
            var (code, output, error) = Run(["predict", small, _image, "--resolution", "192", .. backend]);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains("128", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        }

        // And imported for it, it keeps the margin.
        string imported = InRoot("imported.safetensors");
        Good(["import", small, "-o", imported, "--resolution", "192"]);
        Assert.Equal((Other, Other + Margin),
            (ModelFile.Load(imported).Card.Preprocessing.Width, ModelFile.Load(imported).Card.Preprocessing.ResizeTo));
    }

    [Fact]
    public void Training_goes_on_with_it()
    {
        string data = TwoClasses.Write(InRoot("two")), run = InRoot("run");
        Good(["train", data, "--from", _model, "-o", run, "--resolution", "192", "--epochs", "1", "--probe-epochs", "0", "--batch-size",
            "8"]);
        var card = ModelFile.Load(Path.Combine(run, "model.safetensors")).Card.Preprocessing;
        Assert.Equal((Other, CropRule.CenterCropThenResize, Other + Margin), (card.Height, card.Crop, card.ResizeTo));
    }

    [Theory]
    [InlineData("predict M I --resolution 0")]
    [InlineData("embed M I --resolution 65537")]
    [InlineData("cam M I --resolution 192x")]
    [InlineData("predict M I --crop-pct 1.5")]
    [InlineData("predict M I --crop-fraction 0.9")]
    public void Sizes_out_of_range_get_one_line(string line)
    {
        var (code, output, error) = Run([.. line.Split(' ').Select(word => word switch { "M" => _model, "I" => _image, _ => word })]);
        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.Trim().Split('\n'));
    }

    private static double Loss(string[] words) => JsonNode.Parse(Good([.. words, "--json"]))!["loss"]!.GetValue<double>();

    private static string Good(string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.True(code == 0, error);
        return output;
    }

    private string Save(string name, int size, int resizeTo)
    {
        var planted = PlantedModel.Create();
        var preprocessing = new Preprocessing { Height = size, Width = size, ResizeTo = resizeTo, Crop = CropRule.CenterCropThenResize };
        var model = Model.Of(planted.Architecture!,
            planted.Card with { Classes = ["red", "else", "third", "fourth"], Preprocessing = preprocessing }, planted.Weights);
        ModelFile.Save(model with { Weights = WeightInitializer.Initialize(model.Graph, 1) }, InRoot(name + ".safetensors"));
        return InRoot(name + ".safetensors");
    }

    private string InRoot(string name) => Path.Combine(_root, name);
}
