using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

/// <summary>Files of quantized models, whose graph and plan are packed, and those of format 3, which packed nothing.</summary>
public sealed class PackedModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Model _model;
    private readonly Dictionary<string, string> _metadata;
    private readonly SafetensorsEntry[] _tensors;

    public PackedModelFileTests()
    {
        var model = SmallModels.Make(SmallModels.Architecture, seed: 1);
        var graph = model.BuildGraph();
        var quantized = graph.WithQuantization(new QuantizationPlan
        {
            Arithmetic = IntegerArithmetic.Onnx,
            Values = graph.Nodes.ToImmutableSortedDictionary(
                node => node.Name, node => new ValueQuantization(ElementType.U8, 0.05f, 100 + (node.Index % 50)), StringComparer.Ordinal),
            Kernels = graph.Parameters.Where(parameter => parameter.IsKernel).ToImmutableSortedDictionary(
                parameter => parameter.Name, _ => new ParameterQuantization(ElementType.I8, [0.01f]), StringComparer.Ordinal),
        });
        _model = model with { Graph = quantized, Weights = IntegerWeights.Round(quantized, model.Weights) };
        ModelFile.Save(_model, _folder["valid"]);
        using var file = SafetensorsFile.Open(_folder["valid"]);
        _metadata = new Dictionary<string, string>(file.Metadata);
        _tensors = [.. file.Tensors.Select(tensor => SafetensorsEntry.FromBytes(tensor.Name, tensor.Type, tensor.Shape, file.ReadBytes(tensor.Name)))];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_comes_back_and_floats_are_not_packed()
    {
        Assert.Equal("4", _metadata["format_version"]);
        AssertSame(ModelFile.Load(_folder["valid"]));
        byte[] first = File.ReadAllBytes(_folder["valid"]);
        ModelFile.Save(_model, _folder["valid"]);
        Assert.Equal(first, File.ReadAllBytes(_folder["valid"]));
        var floats = SmallModels.Make(SmallModels.Architecture, seed: 1);
        ModelFile.Save(floats, _folder["floats"]);
        using var file = SafetensorsFile.Open(_folder["floats"]);
        Assert.Equal(("2", '{'), (file.Metadata["format_version"], file.Metadata["graph"][0]));
    }

    [Fact]
    public void Files_of_format_3_are_read()
    {
        _metadata["format_version"] = "3";
        _metadata["graph"] = GraphJson.Serialize(_model.Graph);
        _metadata["quantization"] = QuantizationJson.Serialize(_model.Graph.Quantization!, withScales: false);
        AssertSame(Load());
    }

    [Fact]
    public void What_is_not_packed_or_unpacks_to_too_much_is_refused()
    {
        string graph = _metadata["graph"], plan = _metadata["quantization"];
        // All zeros are no block of deflate; zeros without end are 1000 times smaller than what they stand for.
        foreach (string wrong in new[] { "{}", "A", "AAAAAA==", "////////", Convert.ToBase64String([1, 2, 3]), PackedText.Pack(new string(' ', PackedText.MaxBytes + 1)) })
        {
            _metadata["graph"] = wrong;
            Refused("graph");
            (_metadata["graph"], _metadata["quantization"]) = (graph, wrong);
            Refused("quantization");
            _metadata["quantization"] = plan;
        }

        string text = new([.. Enumerable.Range(0, 4000).Select(i => (char)(0x20 + (i * 7919 % 0x4000)))]);
        Assert.Equal(text, PackedText.Unpack(PackedText.Pack(text), "text"));

        void Refused(string what) =>
            Assert.Contains(what, Assert.Throws<InvalidInputException>(Load).Message, StringComparison.Ordinal);
    }

    private Model Load()
    {
        SafetensorsWriter.Write(_folder["changed"], _metadata, _tensors);
        return ModelFile.Load(_folder["changed"]);
    }

    private void AssertSame(Model read)
    {
        Assert.Equal(GraphJson.Serialize(_model.Graph), GraphJson.Serialize(read.Graph));
        Assert.Equal(QuantizationJson.Serialize(_model.Graph.Quantization!), QuantizationJson.Serialize(read.Graph.Quantization!));
        Assert.All(_model.Weights, pair => Assert.Equal(pair.Value.Values, read.Weights[pair.Key].Values));
    }
}
