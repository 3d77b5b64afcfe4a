using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Tests.Running;

public sealed class ModelFileReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reader").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_is_told_from_tensors_by_what_the_file_says()
    {
        var reader = new ModelFileReader();
        string model = Path.Combine(_folder, "model.safetensors"), renamed = Path.Combine(_folder, "model.bin"),
            tensors = Path.Combine(_folder, "tensors.safetensors");
        var made = Small();
        ModelFile.Save(made, model);
        File.Copy(model, renamed);
        SafetensorsWriter.Write(tensors, new Dictionary<string, string>(), [SafetensorsEntry.FromFloats("x", [1], new float[1])]);
        Assert.Equal([true, true, false, false], new[] { model, renamed, tensors, Path.Combine(_folder, "none") }.Select(reader.Reads));
        File.WriteAllText(renamed, "text");
        Assert.False(reader.Reads(renamed));
        File.WriteAllText(model, "text");
        Assert.Throws<InvalidInputException>(() => reader.Reads(model));
    }

    [Fact]
    public void The_graph_is_of_the_size_that_is_asked_for_and_the_card_as_it_was()
    {
        string path = Path.Combine(_folder, "model.safetensors");
        var made = Small();
        ModelFile.Save(made, path);
        var read = new ModelFileReader().Read(path, new ModelReadOptions { Size = new InputSize(40, 56), NeedsCard = true });
        Assert.Equal(TensorShape.Map(3, 40, 56), read.Graph.Input.Shape);
        Assert.Equal(32, read.Card!.Preprocessing.Height);
        Assert.Equal("mobilenetv3_small_100", read.Model!.Name);
        Assert.Equal(made.Graph.Input.Shape, new ModelFileReader().Read(path, new ModelReadOptions()).Graph.Input.Shape);
    }

    private static Model Small()
    {
        var architecture = ArchitectureRegistry.Get("mobilenetv3_small_100");
        var model = Model.Of(architecture, new ModelCard { Classes = ["a", "b"], Preprocessing = Preprocessing.ForSize(32) },
            new WeightSet([]));
        return model with { Weights = WeightInitializer.Initialize(model.Graph, 1) };
    }
}
