using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Other people's weights through the tool, from their names to their numbers and back.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-import").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("torchvision/efficientnet_b0_r113_b1_s1", "efficientnet_b0", ".pth")]
    [InlineData("timm/tf_efficientnet_b0_r224_b1_s0", "tf_efficientnet_b0", ".safetensors")]
    [InlineData("lukemelas/efficientnet-b0_r224_b1_s0", "efficientnet-b0", ".pth")]
    [InlineData("insightface/mbf_r112_b1_s0", "mbf", ".pth")]
    public void A_golden_comes_out_of_a_file_with_its_numbers_and_goes_back(string name, string typed, string ending)
    {
        var golden = Golden.Load(name);
        string file = In("weights" + ending), model = In("model.safetensors"), images = In("in.npy"), rows = In("out.npy");
        var tensors = golden.CreateSourceTensors();
        WriteWeights(file, tensors);
        Expect(0, "import", file, "--architecture", typed, "-o", model, "--resolution", $"{golden.Resolution}");
        NpyFile.Write(images, [golden.Batch, 3, golden.Resolution, golden.Resolution], golden.CreateInput());
        Expect(0, "run", model, "--input", images, "--output", rows);
        Assert.InRange(RelativeError.OfRows(NpyFile.Read(rows).Values, golden.Output), 0, golden.Tolerance);

        string back = In("back.pth");
        Expect(0, "export", model, "--format", golden.Source, "-o", back);
        using var written = WeightFile.Open(back);
        var byName = written.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ReadTensor());
        Assert.Equal(tensors.Count, byName.Count);
        Assert.All(tensors, tensor => Assert.Equal(tensor.Tensor.Values, byName[tensor.Name].Values));
    }

    [Fact]
    public void The_source_and_the_preprocessing_are_said()
    {
        var golden = Golden.Load("lukemelas/efficientnet-b0_r224_b1_s0");
        string file = In("w.pth");
        WriteWeights(file, golden.CreateSourceTensors());
        var said = JsonNode.Parse(
            Expect(0, "import", file, "-a", "efficientnet_b0", "-o", In("m.safetensors"), "--normalization", "inception", "--json"))!;
        Assert.Equal("lukemelas", said["source"]!.GetValue<string>());
        Assert.Equal("tf_efficientnet_b0", said["architecture"]!.GetValue<string>());
        Assert.Equal("Same", said["padding"]!.GetValue<string>());
        Assert.Equal(0.5f, said["preprocessing"]!["mean"]![0]!.GetValue<float>());
        Assert.Equal("EfficientNet-PyTorch", ModelFile.Load(In("m.safetensors")).Card.Provenance["source"]);
    }

    [Fact]
    public void Class_names_come_from_lines_or_from_JSON_by_index()
    {
        string file = In("w.pth");
        var small = ArchitectureRegistry.Get("efficientnet_b0").Scale(0.25, 0.3, 64);
        var graph = small.Build(new BuildOptions { Classes = 3 });
        TorchFile.Write(file, SyntheticWeights.For(graph).Select(pair => (pair.Key, pair.Value)));
        string architecture = In("small.json"), lines = In("names.txt"), json = In("names.json");
        File.WriteAllText(architecture, ModelJson.Serialize(small with { Name = "small" }));
        File.WriteAllText(lines, "cat\ndog\nowl\n");
        File.WriteAllText(json, """{"0": ["n1", "cat"], "2": ["n3", "owl"], "1": ["n2", "dog"]}""");
        foreach (string names in new[] { lines, json })
        {
            Expect(0, "import", file, "-a", architecture, "-o", In("m.safetensors"), "--class-names", names);
            Assert.Equal(["cat", "dog", "owl"], ModelFile.Load(In("m.safetensors")).Card.Classes);
        }

        File.WriteAllText(lines, "cat\ndog\n");
        var (code, _, error) = Run("import", file, "-a", architecture, "-o", In("n.safetensors"), "--class-names", lines);
        Assert.Equal(2, code);
        Assert.Contains("2 class names", error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("n.safetensors")));
    }

    [Fact]
    public void The_page_of_all_networks_is_the_table_that_the_tool_makes()
    {
        string page = In("models.md");
        Expect(0, "report", "models", "-o", page);
        string documented = Repository.Read("docs/which-model.md");
        Assert.EndsWith(File.ReadAllText(page).TrimEnd(), documented.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(ModelTable.Create().Length, ArchitectureRegistry.All.Length);
    }

    private static void WriteWeights(string path, IReadOnlyList<(string Name, WeightTensor Tensor)> tensors)
    {
        if (path.EndsWith(".pth", StringComparison.Ordinal)) TorchFile.Write(path, tensors);
        else
        {
            EfficientNetSharp.Models.Safetensors.SafetensorsWriter.Write(
                path, new Dictionary<string, string>(),
                tensors.Select(tensor => EfficientNetSharp.Models.Safetensors.SafetensorsEntry.FromFloats(tensor.Name, tensor.Tensor.Shape,
                tensor.Tensor.Values)));
        }
    }

    private string In(string name) => Path.Combine(_root, name);

    private static string Expect(int expected, params string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.True(code == expected, $"{code}: {error}");
        return output;
    }
}
