using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.Importing;

/// <summary>The length of an embedding and the size of images are what a file's tensors say.</summary>
public sealed class StatedEmbeddingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("effnet-embedding-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("treb1en", "mobilefacenet_100", 512, 112, 112, "module.")]
    [InlineData("treb1en", "mobilefacenet_100", 128, 112, 112, "")]
    [InlineData("xiaoccer", "mobilefacenet_100", 128, 112, 96, "net_state_dict.")]
    [InlineData("xiaoccer", "mobilefacenet_100", 256, 128, 80, "")]
    [InlineData("foamliu", "mobilefacenet_relu6", 64, 112, 96, "model.module.")]
    [InlineData("insightface", "mobilefacenet", 128, 96, 112, "backbone.")]
    [InlineData("insightface", "iresnet18", 256, 112, 112, "")]
    public void A_file_says_length_and_size_by_its_tensors(string source, string name, int features, int height, int width, string prefix)
    {
        var (path, expected) = Write(source, name, features, height, width, prefix);
        var imported = WeightImporter.Import(path, architecture: null);
        var (model, card) = (imported.Model, imported.Model.Card);
        Assert.Equal((source, name), (imported.Source.Name, model.Architecture!.Name));
        Assert.Equal((features, height, width),
            (model.Graph.Output.Shape.Channels, card.Preprocessing.Height, card.Preprocessing.Width));
        Assert.Equal(expected.Keys.Order(), model.Weights.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(pair.Value.Values, model.Weights[pair.Key].Values));
        string saved = Path.Combine(_folder.FullName, "model.safetensors");
        ModelFile.Save(model, saved);
        Assert.Equal(TensorShape.Map(3, height, width), ModelFile.Load(saved).Graph.Input.Shape);
    }

    [Theory]
    [InlineData("treb1en", "mobilefacenet_100", ChannelOrder.Bgr, 0.5f, 0.5f)]
    [InlineData("xiaoccer", "mobilefacenet_100", ChannelOrder.Rgb, 0.5f, 128f / 255)]
    [InlineData("foamliu", "mobilefacenet_relu6", ChannelOrder.Rgb, 0.485f, 0.229f)]
    public void Images_are_prepared_as_each_repository_does(string source, string name, ChannelOrder order, float mean, float deviation)
    {
        var (path, _) = Write(source, name, 128, 112, 112, "");
        var preprocessing = WeightImporter.Import(path, architecture: null).Model.Card.Preprocessing;
        Assert.Equal((CropRule.StretchResize, order, mean, deviation),
            (preprocessing.Crop, preprocessing.Channels, preprocessing.Mean[0], preprocessing.StandardDeviation[0]));
    }

    [Fact]
    public void Modules_in_a_Sequential_may_have_another_length()
    {
        var (path, _) = Write("foamliu", "mobilefacenet_relu6", 64, 112, 112, "", name => name.Split('.', 2) is [var top, var rest]
            ? $"net.{Array.IndexOf(["conv1", "dw_conv", "features", "conv2", "gdconv", "conv3", "bn"], top)}.{rest}" : name);
        Assert.Equal(64, WeightImporter.Import(path, ArchitectureRegistry.Get("mobilefacenet_relu6")).Model.Graph.Output.Shape.Channels);
    }

    [Fact]
    public void A_length_that_is_claimed_is_held_against_the_file()
    {
        var (path, _) = Write("treb1en", "mobilefacenet_100", 512, 112, 112, "");
        var claimed = ArchitectureFile.Get("mobilefacenet_100:features=256");
        string message = Assert.Throws<InvalidInputException>(() => WeightImporter.Import(path, claimed)).Message;
        Assert.Contains("linear.weight is [512, 512], expected [256, 512]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_files_name_is_a_hint_and_its_tensors_are_what_it_is()
    {
        var (path, _) = Write("foamliu", "mobilefacenet_relu6", 128, 112, 112, "");
        string misnamed = Path.Combine(_folder.FullName, "mobilefacenet.pt");
        File.Move(path, misnamed);
        Assert.Equal("mobilefacenet_relu6", WeightImporter.Import(misnamed, architecture: null).Model.Name);
    }

    private (string Path, WeightSet Expected) Write(string source, string name, int features, int height, int width, string prefix,
        Func<string, string>? rename = null)
    {
        var map = NameMapRegistry.Get(source);
        var registered = ArchitectureRegistry.Get(name);
        var architecture = registered with { Embedding = registered.Embedding! with { Features = features } };
        var graph = architecture.Build(new BuildOptions { Height = height, Width = width });
        var tensors = map.Map(architecture, graph, new HashSet<string>())
            .Select(parameter => (Mapped: parameter, Tensor: SyntheticWeights.Tensor(parameter.SourceName, parameter.SourceShape, 1, 4))).ToList();
        string path = Path.Combine(_folder.FullName, "weights.pth");
        TorchFile.Write(path, tensors.Select(pair => (prefix + (rename?.Invoke(pair.Mapped.SourceName) ?? pair.Mapped.SourceName), pair.Tensor)));
        return (path, new WeightSet(tensors.Select(pair => KeyValuePair.Create(pair.Mapped.Parameter.Name, pair.Mapped.ToOurs(pair.Tensor)))));
    }
}
