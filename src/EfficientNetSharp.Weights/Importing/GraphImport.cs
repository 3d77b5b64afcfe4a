using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Makes a model of a network that a file holds whole, as the graph that it is.</summary>
internal static class GraphImport
{
    /// <summary>Makes the model.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="imported">What was read of it.</param>
    /// <param name="source">What the file is.</param>
    /// <param name="options">How.</param>
    public static ImportedModel AsItIs(string path, ImportedGraph imported, NameMap source, ImportOptions options)
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
            Provenance = imported.Card is { Provenance.IsEmpty: false } own ? own.Provenance : ImmutableSortedDictionary<string, string>.Empty
                .Add(ProvenanceKeys.Source, source.Title).Add(ProvenanceKeys.SourceFile, Path.GetFileName(path)),
        };
        var model = new Model(graph.AtSize(card.Preprocessing.Height, card.Preprocessing.Width), card, weights);
        model.Weights.EnsureFit(model.Graph);
        return new ImportedModel(model, source, remarks.ToImmutable());
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
    public static Preprocessing Prepared(ImportedGraph imported, Preprocessing standard)
    {
        var input = imported.Graph.Input.Shape;
        standard = standard.At(input.Height, input.Width);
        return imported is { Mean: { } mean, Deviation: { } deviation }
            ? standard with { Mean = mean, StandardDeviation = deviation }
            : ChannelStatistics.Fit(standard, input.Channels);
    }
}
