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
            : AsItIs(path, imported, options);
    }

    // The importer's usual way with the table's own names: classes, channels and a fresh head as for any other file.
    private static ImportedModel Registered(string path, ImportedGraph imported, Architecture architecture, ImportOptions options)
    {
        var tensors = new SourceTensors(
            imported.Weights.Select(pair => new SourceTensor(pair.Key, pair.Value.Shape, () => pair.Value.Values)));
        var source = options.Source ?? SourceOf(imported, architecture, options);
        var standard = Prepared(imported, (source ?? NameMapRegistry.OnnxGraph).Preprocess(architecture));
        var made = new ImportRun(path, tensors, new FittedBody(NameMapRegistry.OnnxGraph, architecture), options)
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

    private static ImportedModel AsItIs(string path, ImportedGraph imported, ImportOptions options)
    {
        var remarks = imported.Remarks.ToBuilder();
        if (options.InputChannels is { } channels && channels != imported.Graph.Input.Shape.Channels)
        {
            throw new InvalidInputException(
                $"'{path}' takes {imported.Graph.Input.Shape.Channels} channels and is no registered network, whose first layer could be fitted to {channels}; leave --in-channels out.");
        }

        var (graph, weights) = WithClasses(path, imported, options, remarks);
        int classes = graph.Output.Role == NodeRole.Classifier ? graph.Output.Shape.Channels : 0;
        var standard = imported.Card?.Preprocessing ?? Prepared(imported, Preprocessing.ForSize(graph.Input.Shape.Height));
        var preprocessing = options.AdjustPreprocessing is { } adjust ? adjust(standard) : standard;
        if (imported.Card is null && imported.Mean is null && preprocessing.Mean.SequenceEqual(standard.Mean))
            remarks.Add("The file does not say how images are prepared for it: ImageNet's mean and deviation are taken.");
        var list = ClassesOf(path, classes, imported.Card, options);
        var card = new ModelCard
        {
            Classes = list.Names,
            ClassIds = list.Ids,
            Preprocessing = preprocessing,
            Provenance = imported.Card?.Provenance ?? ImmutableSortedDictionary<string, string>.Empty
                .Add(ProvenanceKeys.Source, NameMapRegistry.OnnxGraph.Title).Add(ProvenanceKeys.SourceFile, Path.GetFileName(path)),
        };
        var model = new Model(graph.AtSize(card.Preprocessing.Height, card.Preprocessing.Width), card, weights);
        model.Weights.EnsureFit(model.Graph);
        return new ImportedModel(model, NameMapRegistry.OnnxGraph, remarks.ToImmutable());
    }

    private static (Graph Graph, WeightSet Weights) WithClasses(string path, ImportedGraph imported, ImportOptions options,
        ImmutableArray<string>.Builder remarks)
    {
        var graph = imported.Graph;
        int outputs = graph.Output.Role == NodeRole.Classifier ? graph.Output.Shape.Channels : 0;
        int wanted = options.Classes ?? (options.ResetHead ? options.ClassList?.Names.Length : null) ?? outputs;
        if (wanted == 0 && outputs > 0) return (graph.Pooled(), imported.Weights.For(graph.Pooled()));
        if (wanted == outputs && !options.ResetHead) return (graph, imported.Weights);
        if (!options.ResetHead)
        {
            throw new InvalidInputException(
                $"'{path}' has {(outputs == 0 ? "no classifier" : $"a classifier of {outputs} classes")}, but {wanted} are asked for; add --reset-head to draw one anew, or leave --classes out.");
        }

        var other = graph.WithClasses(wanted);
        var fresh = WeightInitializer.Initialize(other, options.Seed);
        remarks.Add($"The classifier is drawn anew for {wanted} classes (seed {options.Seed}); train it before use.");
        return (other, new WeightSet(other.Nodes.SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(
            parameter.Name, node.Role == NodeRole.Classifier ? fresh[parameter] : imported.Weights[parameter])))));
    }

    private static ClassList ClassesOf(string path, int classes, ModelCard? card, ImportOptions options)
    {
        if (options.ClassList is { } given)
        {
            return given.Names.Length == classes ? given : throw new InvalidInputException(
                $"{given.Names.Length} class names are given for '{path}', which has {classes} classes; give one for each, in the order of the outputs.");
        }

        return card is not null && card.Classes.Length == classes
            ? new ClassList(card.Classes) { Ids = card.ClassIds }
            : new ClassList([.. Enumerable.Range(0, classes).Select(index => index.ToString(CultureInfo.InvariantCulture))]);
    }

    // At the file's size, with the mean and deviation that it has within itself.
    private static Preprocessing Prepared(ImportedGraph imported, Preprocessing standard)
    {
        var input = imported.Graph.Input.Shape;
        standard = standard.At(input.Height, input.Width);
        return imported is { Mean: { } mean, Deviation: { } deviation }
            ? standard with { Mean = mean, StandardDeviation = deviation }
            : ChannelStatistics.Fit(standard, input.Channels);
    }
}
