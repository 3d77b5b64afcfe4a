using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Importing;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Makes a model of an ONNX file: a registered network where it is one, else the graph that it is.</summary>
internal static class OnnxImport
{
    public static ImportedModel Run(string path, Architecture? claim, ImportOptions options)
    {
        if (claim is not null && options.Source is { } given) claim = given.Adapt(claim);
        var imported = OnnxImporter.Import(path, new OnnxImportOptions { Claim = claim });
        return imported.Architecture is { } architecture ? Registered(path, imported, architecture, options)
            : GraphImport.AsItIs(path, imported, NameMapRegistry.OnnxGraph, options);
    }

    // The importer's usual way with the table's own names: classes, channels and a fresh head as for any other file.
    private static ImportedModel Registered(string path, ImportedGraph imported, Architecture architecture, ImportOptions options)
    {
        var tensors = new SourceTensors(
            imported.Weights.Select(pair => new SourceTensor(pair.Key, pair.Value.Shape, () => pair.Value.Values)));
        var source = options.Source ?? SourceOf(imported, architecture, options);
        var input = imported.Graph.Input.Shape;
        var standard = GraphImport.Prepared(imported, (source ?? NameMapRegistry.OnnxGraph).Preprocess(architecture));
        var made = new ImportRun(path, tensors, new FittedBody(NameMapRegistry.OnnxGraph, architecture) { Input = (input.Height, input.Width) }, options)
        {
            Card = imported.Card, Standard = standard, Remarks = imported.Remarks,
        }.Run();
        return source is null || source == NameMapRegistry.Own ? made : made with { Source = source };
    }

    // Whose names its tensors have, as exporters keep them; nobody knows their shapes there.
    private static NameMap? SourceOf(ImportedGraph imported, Architecture architecture, ImportOptions options)
    {
        var named = new SourceTensors(imported.TensorNames.Distinct(StringComparer.Ordinal).Select(name => new SourceTensor(name, [], () => [])));
        return BodySearch.Find(named, architecture, NameMapRegistry.With(options.PreferAverage)) is [var body, ..] ? body.Source : null;
    }
}
