using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-quantize-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_model_of_integers_is_smaller_and_every_verb_takes_it()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("small.safetensors");
        var (code, output, error) = Tool.Run("quantize", model, "--data", data, "-o", target, "--images", "8", "--threads", "1", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("8 images", error, StringComparison.Ordinal);
        Assert.Contains("warning: only 8 images", error, StringComparison.Ordinal);
        var json = JsonNode.Parse(output)!;
        Assert.Equal("int8", json["scheme"]!.GetValue<string>());
        Assert.True(json["steps"]!.AsArray().Count > 5);
        Assert.Equal(8, json["heldOut"]!["images"]!.GetValue<int>());
        Assert.InRange(json["heldOut"]!["cosine"]!.GetValue<double>(), 0.9, 1);
        Assert.InRange(json["float"]!["top1"]!.GetValue<double>(), 0, 1);
        Assert.Equal(new FileInfo(target).Length, json["bytes"]!.GetValue<long>());
        Assert.True(new FileInfo(target).Length < new FileInfo(model).Length / 2);
        var made = ModelFile.Load(target);
        Assert.NotNull(made.Graph.Quantization);
        Assert.StartsWith("int8: ", made.Card.Provenance[ProvenanceKeys.Quantization], StringComparison.Ordinal);
        Assert.Equal(0, Tool.Run("predict", target, Path.Combine(data, "dark", "0.png")).Code);
        Assert.Equal(0, Tool.Run("evaluate", target, data).Code);
        // The same words make the same file.
        byte[] first = File.ReadAllBytes(target);
        Assert.Equal(0, Tool.Run("quantize", model, "--data", data, "-o", target, "--images", "8", "--threads", "1").Code);
        Assert.Equal(first, File.ReadAllBytes(target));
    }

    [Fact]
    public void Words_choose_scheme_calibrator_and_repairs_and_people_read_a_table()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("t.safetensors");
        var (code, output, error) = Tool.Run(
            "quantize", model, "--data", Path.Combine(data, "dark"), "-o", target, "--scheme", "rknn-u8", "--calibrator", "mse", "--repair",
            "equalize,bias", "--threads", "1");
        Assert.True(code == 0, error);
        Assert.Contains("biases corrected", output, StringComparison.Ordinal);
        Assert.DoesNotContain("entropy", output, StringComparison.Ordinal);
        Assert.Contains("uint8 values and weights", output, StringComparison.Ordinal);
        Assert.Contains("that nothing was chosen by", output, StringComparison.Ordinal);
        Assert.Equal("uint8", ModelFile.Load(target).Graph.Quantization!.Describe());
        (code, output, error) = Tool.Run(
            "quantize", model, "--data", data, "-o", target, "--values", "int16", "--weights", "int16", "--repair", "none", "--calibrator", "minmax",
            "--json");
        Assert.True(code == 0, error);
        Assert.Equal("int8-int16-int16", JsonNode.Parse(output)!["scheme"]!.GetValue<string>());
    }

    [Fact]
    public void What_cannot_be_used_is_one_line()
    {
        string model = SaveModel(), data = TwoClasses.Write(Path.Combine(_root, "data")), target = InRoot("t.safetensors");
        string empty = InRoot("empty");
        Directory.CreateDirectory(empty);
        Assert.Equal(0, Tool.Run("quantize", model, "--data", data, "-o", target, "--repair", "none", "--calibrator", "minmax").Code);
        Refused("is quantized", "quantize", target, "--data", data, "-o", InRoot("u.safetensors"));
        Refused("found none", "quantize", model, "--data", empty, "-o", InRoot("u.safetensors"));
        Refused("--data", "quantize", model);
        Refused("Did you mean int8", "quantize", model, "--data", data, "--scheme", "int9");
        Refused("Did you mean rounding", "quantize", model, "--data", data, "--repair", "bias,roundin");
        Refused("one scale per tensor", "quantize", model, "--data", data, "-o", InRoot("u.safetensors"), "--scheme", "rknn-u8", "--weights", "int8",
            "--weight-scales", "per-channel", "--repair", "none");
        var planted = PlantedModel.Create();
        float[] broken = [.. planted.Weights["stem.conv.weight"].Values];
        broken[0] = float.NaN;
        ModelFile.Save(planted with
        {
            Weights = new WeightSet(planted.Weights.Select(pair => pair.Key == "stem.conv.weight"
                ? KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, broken)) : pair)),
        }, InRoot("nan.safetensors"));
        Refused("NaN", "quantize", InRoot("nan.safetensors"), "--data", data, "-o", InRoot("u.safetensors"));
        Assert.False(File.Exists(InRoot("u.safetensors")));

        static void Refused(string says, params string[] words)
        {
            var (code, _, error) = Tool.Run(words);
            string line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.True(code == 2 && line.Contains(says, StringComparison.Ordinal), error);
        }
    }

    private string InRoot(string name) => Path.Combine(_root, name);

    private string SaveModel()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0").Scale(0.25, 0.3, 32);
        var card = new ModelCard { Classes = ["dark", "light"], Preprocessing = new Preprocessing { Height = 32, Width = 32, ResizeTo = 32 } };
        var model = Model.Of(architecture, card, new WeightSet([]));
        ModelFile.Save(model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), seed: 1) }, InRoot("model.safetensors"));
        return InRoot("model.safetensors");
    }
}
