using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("efficientnet_b0", 0.1, 0.1, 33)]
    [InlineData("efficientnet_b0", 0.37, 1.7, 97)]
    [InlineData("tf_efficientnet_b0", 0.51, 0.9, 71)]
    public void A_custom_scaled_network_comes_back_as_it_was(string name, double width, double depth, int resolution)
    {
        var architecture = ArchitectureRegistry.Get(name).Scale(width, depth, resolution) with
        {
            Name = "mine_größe",
            Activation = ActivationKind.Relu6,
            StochasticDepth = 0.1 + 0.2,
        };
        var model = SmallModels.Make(architecture, seed: 7);
        ModelFile.Save(model, _folder["a"]);
        AssertEqual(model, ModelFile.Load(_folder["a"]));
    }

    [Fact]
    public void Every_architecture_of_the_registry_comes_back_from_its_JSON() => Assert.All(
        ArchitectureRegistry.All,
        architecture => AssertEqual(architecture, ModelJson.ParseArchitecture(ModelJson.Serialize(architecture))));

    [Fact]
    public void Cards_come_back_with_all_that_they_say()
    {
        var card = SmallModels.Card(2) with
        {
            Classes = ["crane", "größe \"q\"\n😀", "crane"],
            Preprocessing = new Preprocessing
            {
                Height = 33,
                Width = 65,
                ResizeTo = 40,
                Crop = CropRule.CenterCropThenResize,
                Interpolation = Interpolation.Lanczos,
                Mean = [0.1f, -1e-30f],
                StandardDeviation = [1 / 3f, 1e30f],
                Channels = ChannelOrder.Bgr,
            },
            Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("top1", "77.1").Add("Recipe", "x"),
        };
        AssertEqual(card, ModelJson.ParseCard(ModelJson.Serialize(card)));
    }

    [Fact]
    public void A_network_without_a_classifier_and_of_one_channel_comes_back()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 1, SmallModels.Card(0) with
        {
            Preprocessing = Preprocessing.ForSize(32) with { Mean = [0.5f], StandardDeviation = [0.25f] },
        });
        ModelFile.Save(model, _folder["a"]);
        AssertEqual(model, ModelFile.Load(_folder["a"]));
    }

    [Fact]
    public void Equal_models_give_equal_bytes()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 3);
        ModelFile.Save(model, _folder["a"]);
        // The other order of tensors, and keys compared as a language does instead of by code.
        var other = model with
        {
            Weights = new WeightSet(model.Weights.Reverse()),
            Card = model.Card with { Provenance = model.Card.Provenance.WithComparers(StringComparer.InvariantCultureIgnoreCase) },
        };
        ModelFile.Save(other, _folder["b"]);
        Assert.Equal(File.ReadAllBytes(_folder["a"]), File.ReadAllBytes(_folder["b"]));
    }

    [Fact]
    public void Weights_that_are_not_finite_stay_as_they_are()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 3);
        model.Weights["head.norm.weight"].Values[1] = float.NaN;
        model.Weights["head.norm.weight"].Values[2] = float.NegativeInfinity;
        ModelFile.Save(model, _folder["a"]);
        AssertEqual(model, ModelFile.Load(_folder["a"]));
    }

    [Fact]
    public void Weights_in_half_precision_are_read_as_float32()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 3);
        ModelFile.Save(model, _folder["a"]);
        using (var file = SafetensorsFile.Open(_folder["a"]))
        {
            SafetensorsWriter.Write(_folder["b"], file.Metadata, file.Tensors.Select(tensor => SafetensorsEntry.FromBytes(
                tensor.Name,
                EfficientNetSharp.Arrays.ElementType.F16,
                tensor.Shape,
                file.ReadFloat32(tensor.Name).SelectMany(value => BitConverter.GetBytes((Half)value)).ToArray())));
        }

        var loaded = ModelFile.Load(_folder["b"]);
        foreach (var (name, tensor) in model.Weights)
            Assert.Equal(tensor.Values.Select(value => (float)(Half)value), loaded.Weights[name].Values);
    }

    [Fact]
    public void A_file_of_version_1_is_read_with_its_former_names()
    {
        var model = ModelFile.Load(Path.Combine(AppContext.BaseDirectory, "Models", "Files", "version1.safetensors"));
        var architecture = SmallModels.Architecture with
        {
            Padding = PaddingStyle.Same, Normalization = Normalization.TensorFlow, Scaling = new ScalingRules(RoundingLimit: 1),
        };
        AssertEqual(architecture, model.Architecture!);
        Assert.Equal(CropRule.StretchResize, model.Card.Preprocessing.Crop);
        Assert.Equal(["ant", "bee", "cat"], model.Card.Classes);
        var fresh = SmallModels.Make(architecture, seed: 7);
        Assert.Equal(GraphJson.Serialize(fresh.Graph), GraphJson.Serialize(model.Graph));
        Assert.All(fresh.Weights, pair => Assert.Equal(pair.Value.Values, model.Weights[pair.Key].Values));
        ModelFile.Save(model, _folder["again"]);
        AssertEqual(model, ModelFile.Load(_folder["again"]));
    }

    // A folded network is one that no table says.
    [Fact]
    public void A_graph_of_its_own_comes_back_without_an_architecture()
    {
        var whole = SmallModels.Make(SmallModels.Architecture, seed: 5);
        var (graph, weights) = InferenceTransform.Apply(whole.Graph, whole.Weights);
        foreach (var architecture in new[] { null, whole.Architecture })
        {
            var folded = new Model(graph, whole.Card, weights, architecture);
            ModelFile.Save(folded, _folder["a"]);
            var loaded = ModelFile.Load(_folder["a"]);
            Assert.Equal(GraphJson.Serialize(graph), GraphJson.Serialize(loaded.Graph));
            Assert.Equal(architecture?.Name, loaded.Architecture?.Name);
            Assert.Equal(TensorShape.Map(3, 48, 40), loaded.BuildGraph(48, 40).Input.Shape);
            Assert.Equal(8, loaded.BuildPooledGraph().Output.Shape.Channels);
            if (architecture is null) Assert.Contains("scaling",
                Assert.Throws<InvalidInputException>(() => loaded.ArchitectureFor("scaling")).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ElementType.F16, 1e-3)]
    [InlineData(ElementType.BF16, 8e-3)]
    public void Kernels_of_sixteen_bits_are_saved_and_come_back_as_they_were(ElementType storage, double error)
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 5);
        model = model with { Weights = model.Weights.StoredAs(storage) };
        ModelFile.Save(model, _folder["a"]);
        var loaded = ModelFile.Load(_folder["a"]);
        AssertEqual(model, loaded);
        Assert.All(loaded.Weights, pair => Assert.Equal(pair.Value.Shape.Length > 1 ? storage : ElementType.F32, pair.Value.Storage));
        var whole = SmallModels.Make(SmallModels.Architecture, seed: 5);
        Assert.All(whole.Weights, pair => Assert.All(
            pair.Value.Values.Zip(loaded.Weights[pair.Key].Values), values =>
            Assert.InRange(values.Second, values.First - (error * Math.Abs(values.First)) - 1e-7, values.First
            + (error * Math.Abs(values.First)) + 1e-7)));
        ModelFile.Save(loaded, _folder["b"]);
        Assert.Equal(File.ReadAllBytes(_folder["a"]), File.ReadAllBytes(_folder["b"]));
        var large = new WeightSet([KeyValuePair.Create("x", new WeightTensor([1, 1], [1e6f]))]);
        if (storage == ElementType.F16) HostileInput.AssertRefused(() => large.StoredAs(storage),
            "x: The weight 1000000 is too large for F16");
    }

    [Fact]
    public void What_could_not_be_loaded_is_not_saved()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 3);
        ModelFile.Save(model, _folder["a"]);
        byte[] before = File.ReadAllBytes(_folder["a"]);
        HostileInput.AssertRefused(() => Save(model with { Weights = new WeightSet(model.Weights.Skip(1)) }), "is missing");
        HostileInput.AssertRefused(() => Save(model with { Card = SmallModels.Card(4) }), "names 4 classes");
        HostileInput.AssertRefused(() => Save(model with { Card = model.Card with { Classes = default } }), "class");
        HostileInput.AssertRefused(
            () => Save(model with { Card = model.Card with { Preprocessing = model.Card.Preprocessing with { Mean = [float.NaN, 0,
            0] } } }), "mean");
        HostileInput.AssertRefused(() => Save(model with { Architecture = model.Architecture! with { Dropout = double.NaN } }), "dropout");
        HostileInput.AssertRefused(() => Save(model with { Architecture = model.Architecture! with { Name = "a\nb" } }),
            "named 'a\\u000Ab'");
        Assert.Equal(before, File.ReadAllBytes(_folder["a"]));

        void Save(Model changed) => ModelFile.Save(changed, _folder["a"]);
    }

    private static void AssertEqual(Model expected, Model actual)
    {
        Assert.Equal(GraphJson.Serialize(expected.Graph), GraphJson.Serialize(actual.Graph));
        AssertEqual(expected.Architecture!, actual.Architecture!);
        AssertEqual(expected.Card, actual.Card);
        Assert.Equal(expected.Weights.Keys.Order(StringComparer.Ordinal), actual.Weights.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in expected.Weights)
        {
            Assert.Equal(tensor.Shape, actual.Weights[name].Shape);
            Assert.Equal(tensor.Values, actual.Weights[name].Values);
        }
    }

    // Records compare their immutable arrays by reference.
    private static void AssertEqual(Architecture expected, Architecture actual)
    {
        Assert.Equal(expected.Stages, actual.Stages);
        Assert.Equal(expected, actual with { Stages = expected.Stages });
    }

    private static void AssertEqual(ModelCard expected, ModelCard actual)
    {
        Assert.Equal(expected.Classes, actual.Classes);
        Assert.Equal(expected.InputChannels, actual.InputChannels);
        Assert.Equal(expected.Provenance, actual.Provenance);
        Assert.Equal(expected.Preprocessing.Mean, actual.Preprocessing.Mean);
        Assert.Equal(expected.Preprocessing.StandardDeviation, actual.Preprocessing.StandardDeviation);
        Assert.Equal(
            expected.Preprocessing,
            actual.Preprocessing with { Mean = expected.Preprocessing.Mean, StandardDeviation = expected.Preprocessing.StandardDeviation });
    }
}
