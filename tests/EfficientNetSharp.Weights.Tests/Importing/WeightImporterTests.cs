using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.Importing;

public sealed class WeightImporterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("effnet-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    // Networks small enough to be written often, one of each source and kind of block.
    public static TheoryData<string, string> Sources => new()
    {
        { "torchvision", "efficientnet_b0" },
        { "torchvision", "efficientnet_v2_s" },
        { "torchvision", "mobilenet_v2" },
        { "torchvision", "mobilenet_v3_small" },
        { "torchvision", "mnasnet_100" },
        { "torchvision", "resnet18" },
        { "timm", "tf_efficientnet_b0" },
        { "timm", "efficientnet_es" },
        { "timm", "tf_efficientnet_cc_b0_4e" },
        { "timm", "mobilenetv3_small_100" },
        { "timm", "mobilenetv1_100" },
        { "lukemelas", "efficientnet_b0" },
        { "transformers", "efficientnet_b0" },
        { "insightface", "mobilefacenet" },
        { "insightface", "mobilefacenet_100" },
        { "treb1en", "mobilefacenet_100" },
        { "xiaoccer", "mobilefacenet_100" },
        { "foamliu", "mobilefacenet_relu6" },
        { "keras", "efficientnet_b0" },
        { "keras", "efficientnetv2_b0" },
        { "tpu", "efficientnet_lite0" },
        { "tpu", "efficientnet_cc_b0_4e" },
        { "effnet", "efficientnet_b0" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_source_is_told_from_the_names_and_every_tensor_comes_to_its_place(string source, string name)
    {
        var architecture = Small(name);
        var (path, expected) = Write(source, architecture, classes: 7);
        using var file = WeightFile.Open(path);
        var imported = WeightImporter.Import(file, architecture);
        Assert.Equal(source, imported.Source.Name);
        Assert.Empty(imported.Remarks);
        Assert.Equal(expected.Keys.Order(), imported.Model.Weights.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(pair.Value.Values, imported.Model.Weights[pair.Key].Values));
        Assert.Equal(NameMapRegistry.Get(source).Adapt(architecture), imported.Model.Architecture);
        Assert.Equal(architecture.Embedding is null ? 7 : 0, imported.Model.Card.Classes.Length);
        // The model file takes it.
        string saved = Path.Combine(_folder.FullName, "model.safetensors");
        ModelFile.Save(imported.Model, saved);
        Assert.Equal(imported.Model.Card.Classes, ModelFile.Load(saved).Card.Classes);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void What_is_exported_for_a_source_is_what_was_imported(string source, string name)
    {
        var target = NameMapRegistry.Get(source);
        if (!WeightExporter.Targets.Contains(target)) return;
        var architecture = Small(name);
        var (path, _) = Write(source, architecture, classes: 7);
        using var file = WeightFile.Open(path);
        var exported = WeightExporter.Export(WeightImporter.Import(file, architecture).Model, target);
        Assert.Equal(file.Tensors.Select(tensor => tensor.Name).Order(), exported.Select(tensor => tensor.Name).Order());
        foreach (var (tensorName, tensor) in exported)
        {
            var original = file.Tensors.Single(candidate => candidate.Name == tensorName);
            Assert.Equal(original.Shape, tensor.Shape);
            Assert.Equal(original.Read(), tensor.Values);
        }
    }

    [Fact]
    public void Weights_are_not_exported_for_a_source_that_would_run_them_otherwise()
    {
        var architecture = Small("tf_efficientnet_b0");
        var (path, _) = Write("timm", architecture, classes: 3);
        using var file = WeightFile.Open(path);
        var model = WeightImporter.Import(file, architecture).Model;
        Assert.Contains("padding",
            Assert.Throws<InvalidInputException>(() => WeightExporter.Export(model, NameMapRegistry.Get("torchvision"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("no network",
            Assert.Throws<InvalidInputException>(() => WeightExporter.Export(model, NameMapRegistry.Get("insightface"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_classifier_follows_what_is_asked_for()
    {
        var architecture = Small("efficientnet_b0");
        var (path, expected) = Write("torchvision", architecture, classes: 5);
        using var file = WeightFile.Open(path);
        Assert.Contains("--reset-head", Refused(file, architecture, new ImportOptions { Classes = 9 }), StringComparison.Ordinal);
        Assert.Contains("2 class names", Refused(file, architecture, new ImportOptions { ClassList = new ClassList(["a", "b"]) }),
            StringComparison.Ordinal);

        var reset = WeightImporter.Import(file, architecture, new ImportOptions { Classes = 9, ResetHead = true }).Model;
        Assert.Equal([9, architecture.HeadChannels], reset.Weights["classifier.weight"].Shape);
        Assert.Equal(expected["stem.conv.weight"].Values, reset.Weights["stem.conv.weight"].Values);

        var features = WeightImporter.Import(file, architecture, new ImportOptions { Classes = 0 }).Model;
        Assert.False(features.Weights.ContainsKey("classifier.weight"));
        Assert.Equal(TensorShape.Vector(architecture.HeadChannels), features.BuildGraph().Output.Shape);

        var named = WeightImporter.Import(file, architecture, new ImportOptions { ClassList = new ClassList(["a", "b", "c", "d", "e"]) }).Model;
        Assert.Equal(["a", "b", "c", "d", "e"], named.Card.Classes);
    }

    [Fact]
    public void A_background_before_a_thousand_classes_is_left_out_unless_kept()
    {
        var architecture = Small("efficientnet_es");
        var (path, expected) = Write("tpu", architecture, classes: 1001);
        using var file = WeightFile.Open(path);
        var model = WeightImporter.Import(file, architecture).Model;
        Assert.Equal(1000, model.Card.Classes.Length);
        Assert.Equal(expected["classifier.bias"].Values[1..], model.Weights["classifier.bias"].Values);
        Assert.Equal(expected["classifier.weight"].Values[architecture.HeadChannels..], model.Weights["classifier.weight"].Values);
        Assert.Equal(1001, WeightImporter.Import(file, architecture,
            new ImportOptions { KeepBackground = true }).Model.Card.Classes.Length);
        Assert.Equal(1001, WeightImporter.Import(file, architecture, new ImportOptions { Classes = 1001 }).Model.Card.Classes.Length);
    }

    [Fact]
    public void One_channel_gives_what_three_equal_ones_give_and_more_keep_the_sum()
    {
        var architecture = Small("efficientnet_b0");
        var (path, _) = Write("timm", architecture, classes: 4);
        using var file = WeightFile.Open(path);
        var colour = WeightImporter.Import(file, architecture).Model;
        var grey = WeightImporter.Import(file, architecture, new ImportOptions { InputChannels = 1 }).Model;
        var five = WeightImporter.Import(file, architecture, new ImportOptions { InputChannels = 5 }).Model;
        Assert.Equal((1, 5), (grey.Card.Preprocessing.Mean.Length, five.Card.Preprocessing.StandardDeviation.Length));
        float[] plane = SyntheticInput.Batch(TensorShape.Map(1, 32, 32), 1);
        double[] expected = Run(colour, [.. plane, .. plane, .. plane]);
        AssertClose(expected, Run(grey, plane));
        // Kernels 0 1 2 0 1 scaled by 3/5.
        float[] kernel = colour.Weights["stem.conv.weight"].Values, wide = five.Weights["stem.conv.weight"].Values;
        for (int c = 0; c < 5; c++) Assert.Equal(kernel[(c % 3 * 9) + 4] * 3 / 5, wide[(c * 9) + 4], 6);
    }

    [Fact]
    public void Folded_normalisations_become_identities_that_compute_the_same()
    {
        var architecture = Small("efficientnet_b0");
        var graph = architecture.Build(new BuildOptions { Height = 40, Width = 33, Classes = 4 });
        var weights = SyntheticWeights.For(graph);
        var (folded, foldedWeights) = EfficientNetSharp.Graphs.Transforms.InferenceTransform.Apply(graph, weights);
        string path = Path.Combine(_folder.FullName, "folded.pth");
        TorchFile.Write(path, foldedWeights.Select(pair => (pair.Key, pair.Value)));
        using var file = WeightFile.Open(path);
        var imported = WeightImporter.Import(file, architecture);
        Assert.Contains(imported.Remarks, remark => remark.Contains("folded", StringComparison.Ordinal));
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 1);
        var again = imported.Model.Architecture!.Build(new BuildOptions { Height = 40, Width = 33, Classes = 4 });
        AssertClose(new ReferenceRunner(folded, foldedWeights).Evaluate(input),
            new ReferenceRunner(again, imported.Model.Weights).Evaluate(input));
    }

    [Fact]
    public void What_does_not_fit_is_listed_by_name()
    {
        var architecture = Small("efficientnet_b0");
        var (path, _) = Write("timm", architecture, classes: 4, change: tensors =>
        {
            tensors.RemoveAll(tensor => tensor.Name == "blocks.1.0.bn3.running_var");
            int index = tensors.FindIndex(tensor => tensor.Name == "conv_head.weight");
            tensors[index] = (tensors[index].Name, new WeightTensor([3], new float[3]));
            tensors.Add(("optimizer.state", new WeightTensor([1], new float[1])));
        });
        using var file = WeightFile.Open(path);
        string message = Refused(file, architecture, null);
        Assert.Contains("blocks.1.0.bn3.running_var is missing", message, StringComparison.Ordinal);
        Assert.Contains("conv_head.weight is [3], expected", message, StringComparison.Ordinal);
        Assert.Contains("optimizer.state has no place", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_what_it_would_fit_is_named()
    {
        var (path, _) = Write("torchvision", ArchitectureRegistry.Get("resnet18"), classes: 4);
        using var file = WeightFile.Open(path);
        string message = Refused(file, ArchitectureRegistry.Get("efficientnet_b0"), null);
        Assert.Contains("resnet18", message, StringComparison.Ordinal);
        Assert.Contains("efficientnet_b0", message, StringComparison.Ordinal);
        Assert.DoesNotContain("resnet34", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_a_checkpoint_with_averages_slots_and_a_scope_one_of_the_twins_is_taken(bool average)
    {
        var architecture = Small("efficientnet_b0");
        var (path, expected) = Write("tpu", architecture, classes: 4, change: tensors =>
        {
            foreach (var (name, tensor) in tensors.ToList())
            {
                tensors.Remove((name, tensor));
                var halves = new WeightTensor(tensor.Shape, [.. tensor.Values.Select(value => value / 2)]);
                tensors.Add(($"my-net/{name}", average ? halves : tensor));
                tensors.Add(($"my-net/{name}/ExponentialMovingAverage", average ? tensor : halves));
                if (!name.Contains("moving_", StringComparison.Ordinal)) tensors.Add(($"my-net/{name}/RMSProp", halves));
            }

            tensors.Add(("global_step", new WeightTensor([], [3])));
        });
        using var file = WeightFile.Open(path);
        var imported = WeightImporter.Import(file, architecture, new ImportOptions { PreferAverage = average });
        Assert.Equal("tpu", imported.Source.Name);
        Assert.All(expected, pair => Assert.Equal(pair.Value.Values, imported.Model.Weights[pair.Key].Values));
    }

    [Fact]
    public void Counters_of_batches_are_no_surplus()
    {
        var architecture = Small("resnet18");
        var (path, _) = Write("torchvision", architecture, classes: 4,
            change: tensors => tensors.Add(("bn1.num_batches_tracked", new WeightTensor([], [3]))));
        using var file = WeightFile.Open(path);
        Assert.Equal(4, WeightImporter.Import(file, architecture).Model.Card.Classes.Length);
    }

    // Narrow and shallow, with its family's own layout.
    private static Architecture Small(string name)
    {
        var architecture = ArchitectureRegistry.Get(name);
        return architecture.Family == "MobileNetV3" ? architecture : architecture.Scale(0.25, 0.4, architecture.Resolution) with
        {
            Name = name,
        };
    }

    private (string Path, WeightSet Expected) Write(string source, Architecture architecture, int classes,
        Action<List<(string Name, WeightTensor Tensor)>>? change = null)
    {
        var map = NameMapRegistry.Get(source);
        var adapted = map.Adapt(architecture);
        var graph = adapted.Build(new BuildOptions { Classes = classes });
        var tensors = map.Map(adapted, graph, new HashSet<string>())
            .Select(parameter => (Mapped: parameter, Tensor: SyntheticWeights.Tensor(parameter.SourceName, parameter.SourceShape, 1, 4)))
                .ToList();
        var expected = new WeightSet(
            tensors.Select(pair => KeyValuePair.Create(pair.Mapped.Parameter.Name, pair.Mapped.ToOurs(pair.Tensor))));
        var list = tensors.Select(pair => (pair.Mapped.SourceName, pair.Tensor)).ToList();
        change?.Invoke(list);
        string path = Path.Combine(_folder.FullName, $"{source}.pth");
        TorchFile.Write(path, list);
        return (path, expected);
    }

    private static string Refused(WeightFile file, Architecture architecture, ImportOptions? options) =>
        Assert.Throws<InvalidInputException>(() => WeightImporter.Import(file, architecture, options)).Message;

    private static double[] Run(Model model, float[] image) =>
        new ReferenceRunner(model.BuildGraph(32, 32), model.Weights).Evaluate(image);

    private static void AssertClose(double[] expected, double[] actual) =>
        Assert.InRange(RelativeError.OfRows([.. actual.Select(value => (float)value)], [expected]), 0, 1e-5);
}
