using System.Globalization;
using System.IO.Compression;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;
using EfficientNetSharp.Weights.Tests.Formats;

namespace EfficientNetSharp.Weights.Tests.Importing;

/// <summary>Keras models as people fine-tune them: nested, renumbered, with heads of their own and preprocessing within.</summary>
public sealed class KerasModelTests : IDisposable
{
    private const int Classes = 5;

    private static readonly float[] ImageNetVariance = [0.229f * 0.229f, 0.224f * 0.224f, 0.225f * 0.225f];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("flat", "predictions")]
    [InlineData("flat", "dense_7")]
    [InlineData("flat", "my_output")]
    [InlineData("nested2", "dense")]
    [InlineData("nested2", "dense_12")]
    [InlineData("named3", "dense")]
    [InlineData("nested3", "predictions")]
    [InlineData("classes3", "dense")]
    [InlineData("nested classes3", "dense")]
    [InlineData("dependencies", "dense_3")]
    public void A_network_in_any_layout_with_a_dense_layer_of_its_own_imports(string layout, string head)
    {
        var network = Network();
        string path = Write(layout, network, [(head, Dense(network.Features, Classes, 1))]);
        var imported = WeightImporter.Import(path, network.Architecture);
        AssertHolds(network, imported.Model);
        Assert.Equal(Classes, imported.Model.Card.Classes.Length);
        var kernel = imported.Model.Weights["classifier.weight"];
        Assert.Equal(Dense(network.Features, Classes, 1)[0].Tensor.Values[1], kernel.Values[network.Features]);
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("nested2")]
    [InlineData("named3")]
    [InlineData("nested3")]
    [InlineData("nested classes3")]
    public void Several_dense_layers_are_refused_or_left_out(string layout)
    {
        var network = Network();
        string path = Write(layout, network, [("dense", Dense(network.Features, 64, 1)), ("dense_1", Dense(64, 3, 2))]);
        HostileInput.AssertRefused(() => WeightImporter.Import(path, network.Architecture), "--classes 0");
        foreach (var options in new ImportOptions[] { new() { Classes = 0 }, new() { Classes = 9, ResetHead = true } })
        {
            var imported = WeightImporter.Import(path, network.Architecture, options);
            AssertHolds(network, imported.Model);
            Assert.Contains(imported.Remarks, remark => remark.Contains("dense_1", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("nested2")]
    [InlineData("named3")]
    [InlineData("nested classes3")]
    public void The_constants_of_a_normalisation_are_the_preprocessing(string layout)
    {
        var network = Network();
        Preprocessing Import(float[] mean, float[] variance)
        {
            string path = Write(layout, network, [("dense", Dense(network.Features, Classes, 1))], (mean, variance));
            return WeightImporter.Import(path, network.Architecture).Model.Card.Preprocessing;
        }

        AssertScale([0, 0, 0], [1, 1, 1], Import([0, 0, 0], [1, 1, 1]));
        AssertScale([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f], Import([0.485f, 0.456f, 0.406f], ImageNetVariance));
        // What keras.applications publishes: deviations where variances belong, and a layer that divides by their roots again.
        AssertScale([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f], Import([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]));
        AssertScale([0.3f, 0.4f, 0.5f], [0.2f, 0.1f, 0.5f], Import([0.3f, 0.4f, 0.5f], [0.04f, 0.01f, 0.25f]));
        string raw = Write(layout, network, [("dense", Dense(network.Features, Classes, 1))], ([127, 120, 110], [4000, 4000, 4000]));
        HostileInput.AssertRefused(() => WeightImporter.Import(raw, network.Architecture), "divided by 255");
    }

    [Theory]
    [InlineData("R(0.00392156862745098,0)", 0f, 1f)]
    [InlineData("R(0.00784313725490196,-1)", 0.5f, 0.5f)]
    [InlineData("R(0.0078125,-1)", 128f / 255, 128f / 255)]
    [InlineData("R(0.00392156862745098,0) N(0.5,0.0625)", 0.5f, 0.25f)]
    [InlineData("N(127.5,16256.25)", 0.5f, 0.5f)]
    [InlineData("A F Z R(0.00392156862745098,0) Z", 0f, 1f)]
    [InlineData("D(255)", 0f, 1f)]
    [InlineData("D(127.5) S(1)", 0.5f, 0.5f)]
    [InlineData("R(0.00392156862745098,0) R(2,-1)", 0.5f, 0.5f)]
    public void The_configuration_s_layers_are_the_preprocessing(string layers, float mean, float deviation)
    {
        foreach (bool sequential in new[] { true, false })
        foreach (bool nested in new[] { true, false })
        foreach (bool archive in new[] { true, false })
        {
            string path = WriteModel(Configuration(layers, sequential, nested, size: 96), archive);
            var card = WeightImporter.Import(path, Network().Architecture).Model.Card;
            AssertScale([mean, mean, mean], [deviation, deviation, deviation], card.Preprocessing);
            Assert.Equal((96, 96), (card.Preprocessing.Height, card.Preprocessing.Width));
        }
    }

    [Theory]
    [InlineData("L", "'lambda'")]
    [InlineData("R(-1,255)", "not above 0")]
    [InlineData("R(0.1,0) C", "'crop'")]
    public void What_mean_and_deviation_cannot_say_is_refused_by_name(string layers, string name)
    {
        string path = WriteModel(Configuration(layers, sequential: true, nested: true, size: 96), archive: true);
        HostileInput.AssertRefused(() => WeightImporter.Import(path, Network().Architecture), name);
    }

    private static void AssertScale(float[] mean, float[] deviation, Preprocessing preprocessing)
    {
        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(mean[c], preprocessing.Mean[c], 1e-5);
            Assert.Equal(deviation[c], preprocessing.StandardDeviation[c], 1e-5);
        }
    }

    private static void AssertHolds(KerasNetwork network, Model model)
    {
        foreach (var (name, tensor) in network.Expected) Assert.Equal(tensor.Values, model.Weights[name].Values);
    }

    private sealed record KerasNetwork(Architecture Architecture, List<(string Layer, string Class, List<(string Name, WeightTensor Tensor)> Weights)> Layers,
        WeightSet Expected, int Features);

    private static KerasNetwork Network()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0");
        architecture = architecture.Scale(0.25, 0.4, architecture.Resolution) with { Name = "efficientnet_b0" };
        var map = NameMapRegistry.Get("keras");
        var adapted = map.Adapt(architecture);
        var mapped = map.Map(adapted, adapted.Build(new BuildOptions { Classes = 0 }), new HashSet<string>());
        var tensors = mapped.Select(parameter => (Mapped: parameter,
            Tensor: SyntheticWeights.Tensor(parameter.SourceName, parameter.SourceShape, 1, 4))).ToList();
        var layers = tensors.GroupBy(pair => pair.Mapped.SourceName.Split('/')[0]).Select(layer => (layer.Key,
            layer.Any(pair => pair.Mapped.SourceName.EndsWith("gamma", StringComparison.Ordinal)) ? "batch_normalization"
                : layer.Any(pair => pair.Mapped.SourceName.Contains("depthwise", StringComparison.Ordinal)) ? "depthwise_conv2d" : "conv2d",
            layer.Select(pair => (pair.Mapped.SourceName.Split('/')[1], pair.Tensor)).ToList())).ToList();
        return new KerasNetwork(architecture, layers,
            new WeightSet(tensors.Select(pair => KeyValuePair.Create(pair.Mapped.Parameter.Name, pair.Mapped.ToOurs(pair.Tensor)))),
            adapted.HeadChannels);
    }

    private static List<(string Name, WeightTensor Tensor)> Dense(int inputs, int outputs, ulong seed) =>
        [("kernel", SyntheticWeights.Tensor("dense.weight", [inputs, outputs], seed, 4)), ("bias", SyntheticWeights.Tensor("bias", [outputs], seed, 4))];

    private string Write(string layout, KerasNetwork network, (string Layer, List<(string Name, WeightTensor Tensor)> Weights)[] head,
        (float[] Mean, float[] Variance)? normalization = null)
    {
        var file = new Hdf5Builder();
        var body = network.Layers.ToList();
        if (normalization is var (mean, variance))
        {
            body.Insert(0, ("normalization_3", "normalization",
                [("mean", new WeightTensor([3], mean)), ("variance", new WeightTensor([3], variance)), ("count", new WeightTensor([], [0]))]));
        }

        switch (layout)
        {
            case "flat":
                foreach (var (layer, _, weights) in body) Old(file, layer, weights.Select(weight => ($"{layer}/{weight.Name}:0", weight.Tensor)));
                foreach (var (layer, weights) in head) Old(file, layer, weights.Select(weight => ($"{layer}/{weight.Name}:0", weight.Tensor)));
                file.Attribute("", "layer_names", [.. body.Select(layer => layer.Layer), .. head.Select(layer => layer.Layer)]);
                break;
            case "nested2":
                Old(file, "model_weights/efficientnetb0_1", body.SelectMany(layer =>
                    layer.Weights.Select(weight => ($"{layer.Layer}/{weight.Name}:0", weight.Tensor))));
                foreach (var (layer, weights) in head)
                    Old(file, $"model_weights/{layer}", weights.Select(weight => ($"{layer}/{weight.Name}:0", weight.Tensor)));
                file.Attribute("model_weights", "layer_names", ["random_flip", "efficientnetb0_1", .. head.Select(layer => layer.Layer)]);
                file.Attribute("model_weights/random_flip", "note", "none");
                file.Add("optimizer_weights/Adam/iter:0", new WeightTensor([], [3]));
                break;
            default:
                string root = layout == "dependencies" ? "_layer_checkpoint_dependencies" : "layers";
                string inner = layout is "nested3" ? $"{root}/efficientnetb0/layers" : layout == "nested classes3" ? $"{root}/functional/layers" : root;
                bool byClass = layout.EndsWith("classes3", StringComparison.Ordinal);
                var counts = new Dictionary<string, int>();
                foreach (var (layer, className, weights) in body) New(file, inner, byClass ? Number(counts, className) : layer, weights);
                foreach (var (layer, weights) in head) New(file, root, layer, weights);
                file.Add($"{root}/random_flip/seed_generator/vars/0", new WeightTensor([2], [1, 2]));
                file.Add("optimizer/vars/0", new WeightTensor([], [3]));
                break;
        }

        return _folder.Write($"{layout.Replace(' ', '_')}.h5", file.ToArray());
    }

    private static string Number(Dictionary<string, int> counts, string className)
    {
        int count = counts.GetValueOrDefault(className);
        counts[className] = count + 1;
        return count == 0 ? className : string.Create(CultureInfo.InvariantCulture, $"{className}_{count}");
    }

    private static void Old(Hdf5Builder file, string group, IEnumerable<(string Name, WeightTensor Tensor)> weights)
    {
        var all = weights.ToList();
        file.Attribute(group, "weight_names", [.. all.Select(weight => weight.Name)]);
        foreach (var (name, tensor) in all) file.Add($"{group}/{name}", tensor);
    }

    private static void New(Hdf5Builder file, string root, string layer, List<(string Name, WeightTensor Tensor)> weights)
    {
        for (int i = 0; i < weights.Count; i++)
            file.Add(string.Create(CultureInfo.InvariantCulture, $"{root}/{layer}/vars/{i}"), weights[i].Tensor);
    }

    private string WriteModel(string configuration, bool archive)
    {
        var network = Network();
        string weights = Write("named3", network, [("dense", Dense(network.Features, Classes, 1))]);
        if (!archive)
        {
            // Keras 2 has it as an attribute of the file.
            var file = new Hdf5Builder();
            foreach (var (layer, _, tensors) in network.Layers) Old(file, $"model_weights/{layer}", tensors.Select(weight => ($"{layer}/{weight.Name}:0", weight.Tensor)));
            file.Attribute("model_weights", "layer_names", [.. network.Layers.Select(layer => layer.Layer)]);
            file.Attribute("", "model_config", configuration);
            return _folder.Write("model.h5", file.ToArray());
        }

        string path = _folder["model.keras"];
        if (File.Exists(path)) File.Delete(path);
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var config = new StreamWriter(zip.CreateEntry("config.json").Open())) config.Write(configuration);
        zip.CreateEntryFromFile(weights, "model.weights.h5", CompressionLevel.NoCompression);
        return path;
    }

    // A(ugmentation model), F(lip), Z(ero padding), R(escaling), N(ormalization), D(ivide), S(ubtract), L(ambda), C(rop) before the network.
    private static string Configuration(string layers, bool sequential, bool nested, int size)
    {
        string Object(params string[] members) => "{" + string.Join(", ", members.Where(member => member.Length > 0)) + "}";
        string Layer(string className, string name, string config = "", string arguments = "", string? source = null) => Object(
            $"\"class_name\": \"{className}\"", $"\"name\": \"{name}\"", "\"config\": " + Object($"\"name\": \"{name}\"", config),
            "\"inbound_nodes\": [" + (source is null ? "" : $"[\"{source}\", 0, 0, {Object(arguments)}]") + "]");
        var all = new List<(string Class, string Name, string Config, string Arguments)>
        {
            ("InputLayer", "input_1", $"\"batch_input_shape\": [null, {size}, {size}, 3]", ""),
        };
        foreach (var (index, part) in layers.Split(' ').Index())
        {
            string[] numbers = part.Length > 1 ? part[2..^1].Split(',') : [];
            all.Add(part[0] switch
            {
                'A' => ("Sequential", "augmentation", "\"layers\": [{\"class_name\": \"RandomFlip\", \"config\": {\"name\": \"random_flip\"}}]", ""),
                'F' => ("RandomRotation", $"random_rotation_{index}", "", ""),
                'Z' => ("ZeroPadding2D", $"padding_{index}", "", ""),
                'R' => ("Rescaling", $"rescaling_{index}", $"\"scale\": {numbers[0]}, \"offset\": {numbers[1]}", ""),
                'N' => ("Normalization", $"normalization_{index}", $"\"mean\": [[[[{numbers[0]}]]]], \"variance\": {numbers[1]}", ""),
                'D' => ("TFOpLambda", $"tf.math.truediv_{index}", "\"function\": \"math.truediv\"", $"\"y\": {numbers[0]}"),
                'S' => ("TFOpLambda", $"tf.math.subtract_{index}", "\"function\": \"math.subtract\"", $"\"y\": {numbers[0]}"),
                'L' => ("Lambda", "lambda", "", ""),
                _ => ("CenterCrop", "crop", "\"height\": 8", ""),
            });
        }

        // A Sequential's own layers have no arguments, so operations stand in a Functional model only.
        sequential &= !layers.Contains('D', StringComparison.Ordinal);
        string network = nested
            ? Layer("Functional", "efficientnetb0", $"\"layers\": [{Layer("InputLayer", "input_2")}, {Layer("Conv2D", "stem_conv", source: "input_2")}]",
                source: all[^1].Name)
            : Layer("Conv2D", "stem_conv", source: all[^1].Name);
        var texts = all.Select((layer, index) => Layer(layer.Class, layer.Name, layer.Config, layer.Arguments, index == 0 ? null : all[index - 1].Name));
        return Layer(sequential ? "Sequential" : "Functional", "model", $"\"layers\": [{string.Join(", ", texts)}, {network}]");
    }
}
