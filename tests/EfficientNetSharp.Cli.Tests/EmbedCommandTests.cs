using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

public sealed class EmbedCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-embed-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>What a classifier's last layer takes, times that layer, is what the classifier yields.</summary>
    [Fact]
    public void A_classifiers_embedding_is_the_row_before_its_last_layer()
    {
        string model = SaveModel(), image = WriteImage("p.png");
        Assert.Equal(0, Tool.Run("embed", model, image, "-o", InRoot("e.npy")).Code);
        var row = NpyFile.Read(InRoot("e.npy"));
        Assert.Equal([1, 16], row.Shape);
        Assert.Equal([image], File.ReadAllLines(InRoot("e.txt")));

        var weights = ModelFile.Load(model).Weights;
        var predictions = JsonNode.Parse(Tool.Run("predict", model, image, "--json").Output)![0]!["predictions"]!.AsArray();
        double[] logits = [.. Enumerable.Range(0, 4).Select(c => weights["classifier.bias"].Values[c]
            + Enumerable.Range(0, 16).Sum(i => (double)weights["classifier.weight"].Values[(c * 16) + i] * row.Values[i]))];
        double total = logits.Sum(Math.Exp);
        foreach (var prediction in predictions)
            Assert.Equal(Math.Exp(logits[prediction!["index"]!.GetValue<int>()]) / total, prediction["probability"]!.GetValue<double>(),
                1e-5);
    }

    [Fact]
    public void Formats_and_backends_agree_and_normalised_rows_have_length_1()
    {
        string model = SaveModel();
        WriteImage("a.png");
        WriteImage("b.png");
        Assert.Equal(0, Tool.Run("embed", model, _root, "-o", InRoot("e.npy"), "--normalize").Code);
        Assert.Equal(0, Tool.Run("embed", model, _root, "-o", InRoot("e.csv"), "--normalize", "--backend", "onnxruntime").Code);
        var npy = NpyFile.Read(InRoot("e.npy"));
        string[] lines = File.ReadAllLines(InRoot("e.csv"));
        var json = JsonNode.Parse(Tool.Run("embed", model, _root, "--json", "--normalize", "--backend", "torch").Output)!.AsArray();
        Assert.Equal([2, 16], npy.Shape);
        for (int i = 0; i < 2; i++)
        {
            float[] row = npy.Values[(16 * i)..(16 * (i + 1))];
            float[] fromCsv = [.. lines[i].Split(',').Skip(1).Select(word => float.Parse(word, CultureInfo.InvariantCulture))];
            float[] fromJson = [.. json[i]!["embedding"]!.AsArray().Select(value => value!.GetValue<float>())];
            Assert.Equal(1, row.Sum(value => (double)value * value), 1e-5);
            Assert.All(row.Zip(fromCsv, fromJson),
                values => Assert.True(Math.Abs(values.First - values.Second) < 1e-5 && Math.Abs(values.First - values.Third) < 1e-5));
        }
    }

    [Fact]
    public void A_broken_image_is_named_and_the_others_are_there()
    {
        string model = SaveModel(), good = WriteImage("a.png"), bad = InRoot("b.png");
        File.WriteAllText(bad, "no image");
        var (code, output, error) = Tool.Run("embed", model, good, bad);
        Assert.Equal(1, code);
        Assert.Single(output.Trim().Split('\n'));
        Assert.Contains(bad, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_as_onnx_and_an_unknown_ending_are_refused()
    {
        string model = SaveModel(), image = WriteImage("a.png"), onnx = InRoot("m.onnx");
        Assert.Equal(0, Tool.Run("export", model, "-o", onnx).Code);
        Assert.Equal(2, Tool.Run("embed", onnx, image).Code);
        Assert.Equal(2, Tool.Run("embed", model, image, "-o", InRoot("e.xls")).Code);
    }

    private string InRoot(string name) => Path.Combine(_root, name);

    private string SaveModel()
    {
        var planted = PlantedModel.Create();
        string path = InRoot("model.safetensors");
        ModelFile.Save(planted with { Weights = WeightInitializer.Initialize(planted.BuildGraph(), 1) }, path);
        return path;
    }

    private string WriteImage(string name)
    {
        File.WriteAllBytes(InRoot(name), PlantedModel.Image(true, name.StartsWith('a')));
        return InRoot(name);
    }
}
