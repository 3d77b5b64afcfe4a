using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Onnx.Importing;
using EfficientNetSharp.Running;
using EfficientNetSharp.Weights.NameMaps;
using EfficientNetSharp.Weights.TfLite;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Makes a model of a TensorFlow Lite file: the graph that it is, with its plan where it is quantized.</summary>
internal static class TfLiteImport
{
    public static ImportedModel Run(string path, Architecture? claim, ImportOptions options)
    {
        if (claim is not null)
            throw new InvalidInputException(
                $"'{path}' is a TensorFlow Lite file and taken as the graph that it is; leave --architecture out, found {OneLine.Quote(claim.Name)}.");
        var network = new TfLiteModelReader().Read(path, new ModelReadOptions());
        var graph = network.Graph.WithClassifierRole();
        var imported = new ImportedGraph(graph, network.Weights, null, network.Card, null, null, [.. network.Weights.Keys], network.Notes);
        return GraphImport.AsItIs(path, imported, NameMapRegistry.TfLiteGraph, options);
    }
}
