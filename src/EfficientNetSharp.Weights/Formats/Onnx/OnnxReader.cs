using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>
/// Reads the initializers of an ONNX model, and the layers that take them, from onnx.proto's messages where they lie: values
/// are read when asked for, so that a model of two gigabytes opens at once.
/// </summary>
internal static class OnnxReader
{
    // EfficientNet-L2 has under 3,000 nodes.
    private const int MaxNodes = 100_000;

    public static WeightContents Read(InputFile file)
    {
        var files = new DisposableGroup();
        try
        {
            var contents = Read(file, new OnnxExternalData(file, files));
            files.Add(file);
            return contents with { Resource = files };
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static WeightContents Read(InputFile file, OnnxExternalData external)
    {
        var source = new ByteSource(file.OpenStream(), file.Path, WeightErrors.Kind);
        var metadata = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        ProtoField? graph = null;
        // ModelProto: 2 the producer, 7 the graph, 14 metadata.
        foreach (var field in ProtoReader.ReadFields(source, 0, file.Length))
        {
            if (!field.IsDelimited) continue;
            if (field.Number == 2) metadata["producer_name"] = ProtoReader.ReadText(source, field);
            if (field.Number == 7) graph = field;
            if (field.Number != 14) continue;
            var (key, value) = OnnxTensor.ReadPair(source, field);
            metadata[key] = value;
        }

        var (tensors, nodes) = ReadGraph(source, graph ?? throw WeightErrors.Damaged(file.Path, "it has no graph, so it is no ONNX model"));
        var (layers, constants) = new OnnxLayerFinder(tensors.Select(tensor => tensor.Name)).Find(nodes);
        var sources = tensors.Select(tensor => tensor.ToSource(tensor.Name, file, external))
            .Concat(constants.Select(constant => constant.Value.ToSource(constant.Key, file, external)));
        return new WeightContents(WeightFormat.Onnx, [.. sources.OfType<SourceTensor>()], file) { Metadata = metadata.ToImmutable(), OnnxLayers = layers };
    }

    // GraphProto: 1 a node, 5 an initializer, 15 a sparse one.
    private static (List<OnnxTensor> Tensors, List<OnnxNode> Nodes) ReadGraph(ByteSource source, ProtoField graph)
    {
        var tensors = new List<OnnxTensor>();
        var nodes = new List<OnnxNode>();
        foreach (var field in ProtoReader.ReadFields(source, graph.Start, graph.Length))
        {
            if (field is { Number: 1, IsDelimited: true }) nodes.Add(OnnxNode.Parse(source, field));
            if (field is { Number: 5, IsDelimited: true }) tensors.Add(OnnxTensor.Parse(source, field));
            if (field.Number == 15) throw WeightErrors.Unusable(source.Path, "it has sparse initializers", "export it with dense ones");
            if (nodes.Count > MaxNodes || tensors.Count > WeightFile.MaxTensors)
                throw WeightErrors.Damaged(source.Path, "it has more nodes or tensors than any network");
        }

        return (tensors, nodes);
    }
}
