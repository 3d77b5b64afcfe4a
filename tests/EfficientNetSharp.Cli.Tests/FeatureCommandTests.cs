using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

public sealed class FeatureCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-features-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Maps_of_a_model_and_of_its_export_are_the_same()
    {
        string model = SaveModel(), onnx = InRoot("maps.onnx"), x = WriteInput(60, 44);
        var exported = Run("export", model, "-o", onnx, "--features", "2,4,8", "--resolution", "60x44");
        Assert.Equal(0, exported.Code);
        Assert.Equal(3, exported.Output.Split('\n').Count(line => line.Contains("agree", StringComparison.Ordinal)));
        Assert.Equal(0, Run("run", model, "--input", x, "--features", "2,4,8", "--output", InRoot("ort")).Code);
        Assert.Equal(0, Run("run", model, "--input", x, "--features", "2,4,8", "--output", InRoot("torch"), "--backend", "torch").Code);
        Assert.Equal(0, Run("run", onnx, "--input", x, "--output", InRoot("file")).Code);
        foreach (var (stride, height, width) in new[] { (2, 30, 22), (4, 15, 11), (8, 8, 6) })
        {
            var maps = new[] { "ort", "torch", "file" }.Select(folder => NpyFile.Read(InRoot($"{folder}/stride_{stride}.npy"))).ToArray();
            Assert.All(maps, map => Assert.Equal([2, 8, height, width], map.Shape));
            for (int i = 0; i < maps[0].Values.Length; i++)
            {
                Assert.Equal(maps[0].Values[i], maps[1].Values[i], 1e-5f);
                Assert.Equal(maps[0].Values[i], maps[2].Values[i], 1e-5f);
            }
        }
    }

    [Fact]
    public void Pooled_features_are_one_file()
    {
        string model = SaveModel(), onnx = InRoot("pooled.onnx"), x = WriteInput(64, 96);
        Assert.Equal(0, Run("export", model, "-o", onnx, "--features", "pooled").Code);
        Assert.Equal(0, Run("run", model, "--input", x, "--features", "pooled", "--output", InRoot("a.npy")).Code);
        Assert.Equal(0, Run("run", onnx, "--input", x, "--output", InRoot("b.npy")).Code);
        NpyArray a = NpyFile.Read(InRoot("a.npy")), b = NpyFile.Read(InRoot("b.npy"));
        Assert.Equal([2, 16], a.Shape);
        Assert.Equal([2, 16], b.Shape);
        for (int i = 0; i < a.Values.Length; i++) Assert.Equal(a.Values[i], b.Values[i], 1e-5f);
        Assert.Equal(2, Run("predict", onnx, WriteImage()).Code);
    }

    [Fact]
    public void Input_that_is_not_finite_is_refused_with_its_place()
    {
        var values = new float[2 * 3 * 64 * 96];
        values[(((1 * 3) + 2) * 64 * 96) + (5 * 96) + 7] = float.NaN;
        NpyFile.Write(InRoot("nan.npy"), [2, 3, 64, 96], values);
        var (code, _, error) = Run("run", SaveModel(), "--input", InRoot("nan.npy"), "--output", InRoot("y.npy"));
        Assert.Equal(2, code);
        Assert.Contains("NaN at [1,2,5,7]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_takes_sizes_that_are_not_square()
    {
        foreach (var (given, height, width) in new[] { ("128", 128, 128), ("224x160", 224, 160), ("31X97", 31, 97) })
        {
            var described = JsonNode.Parse(Run("describe", "efficientnet_b0", "--resolution", given, "--json").Output)!;
            Assert.Equal([3, height, width], described["input"]!.AsArray().Select(value => value!.GetValue<int>()));
        }
    }

    [Theory]
    [InlineData("describe efficientnet_b0 --resolution 224x")]
    [InlineData("describe efficientnet_b0 --resolution x224")]
    [InlineData("describe efficientnet_b0 --resolution 0")]
    [InlineData("describe efficientnet_b0 --resolution 224x160x3")]
    [InlineData("describe efficientnet_b0 --resolution 99999")]
    [InlineData("describe efficientnet_b0 --resolution big")]
    [InlineData("run MODEL --input X --output Y --features 3")]
    [InlineData("run MODEL --input X --output Y --features 4,4")]
    [InlineData("run MODEL --input X --output Y --features 4,")]
    [InlineData("run MODEL --input X --output Y --features all")]
    [InlineData("run MODEL --input X --output X --features 4,8")]
    [InlineData("export MODEL --features 4,8 --softmax")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line)
    {
        string model = SaveModel(), x = WriteInput(64, 96);
        var (code, output, error) =
            Run([.. line.Split(' ').Select(word => word switch { "MODEL" => model, "X" => x, "Y" => InRoot("y"), _ => word })]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Single(error.Trim().Split('\n'));
    }

    private string InRoot(string name) => Path.Combine(_root, name);

    private string SaveModel()
    {
        var planted = PlantedModel.Create();
        string path = InRoot("model.safetensors");
        ModelFile.Save(planted with { Weights = WeightInitializer.Initialize(planted.BuildGraph(), 1) }, path);
        return path;
    }

    private string WriteImage()
    {
        File.WriteAllBytes(InRoot("p.png"), PlantedModel.Image(true, true));
        return InRoot("p.png");
    }

    private string WriteInput(int height, int width)
    {
        var random = new SeededRandom(5);
        var values = new float[2 * 3 * height * width];
        foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
        NpyFile.Write(InRoot("x.npy"), [2, 3, height, width], values);
        return InRoot("x.npy");
    }

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = EffnetCommand.Run(words, new Terminal(output, error, live: false, TestContext.Current.CancellationToken));
        return (code, output.ToString(), error.ToString());
    }
}
