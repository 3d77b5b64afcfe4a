using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>One import, from a source's names to a model.</summary>
/// <param name="path">The file.</param>
/// <param name="tensors">Its tensors.</param>
/// <param name="source">Whose names they have.</param>
/// <param name="architecture">The network, as it is to be run.</param>
/// <param name="options">How.</param>
internal sealed class ImportRun(string path, SourceTensors tensors, NameMap source, Architecture architecture, ImportOptions options)
{
    // 1,000 classes of ImageNet behind one for none of them (tensorflow/tpu, EdgeTPU variants).
    private const int BackgroundClasses = 1001;

    private const int MaxListed = 5;

    private readonly NetworkEnds _ends = NetworkEnds.Of(architecture);

    private readonly List<string> _remarks = [];

    /// <summary>The card that the file has of its own, which says its classes, preprocessing and provenance.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>The preprocessing where the file says part of it; the source's where <see langword="null"/>.</summary>
    public Preprocessing? Standard { get; init; }

    /// <summary>What was done to the file before.</summary>
    public IEnumerable<string> Remarks
    {
        init => _remarks.AddRange(value);
    }

    /// <summary>Does it.</summary>
    public ImportedModel Run()
    {
        var (channels, rows) = CountEnds();
        int classes = ResolveClasses(rows);
        bool drawn = options.ResetHead && classes > 0;
        var graph = architecture.Build(
            new BuildOptions { InputChannels = channels, Classes = drawn || rows == 0 ? classes : classes == 0 ? 0 : rows });
        var weights = Read(graph, drawn);
        if (classes > 0 && !drawn && classes != rows) weights = WithoutBackground(weights);
        int inputs = options.InputChannels ?? channels;
        if (inputs != channels) weights = WithChannels(weights, channels, inputs);

        var list = ClassesOf(classes);
        var card = new ModelCard
        {
            Classes = list.Names,
            ClassIds = list.Ids,
            Preprocessing = ChannelStatistics.Fit(Preprocess(), inputs),
            Provenance = Provenance(),
        };
        var model = Model.Of(architecture, card, weights);
        weights.EnsureFit(model.BuildGraph());
        return new ImportedModel(model, source, [.. _remarks]);
    }

    private ImmutableSortedDictionary<string, string> Provenance()
    {
        if (Card is { } card) return card.Provenance;
        var provenance = ImmutableSortedDictionary<string, string>.Empty
            .Add(ProvenanceKeys.Source, source.Title).Add(ProvenanceKeys.SourceFile, Path.GetFileName(path));
        if (options.Published is not { } published) return provenance;
        provenance = provenance.Add(ProvenanceKeys.PublishedAs, published.Name)
            .Add(ProvenanceKeys.Licence, published.Licence).Add(ProvenanceKeys.SourceUrl, published.Url.ToString());
        return published.Top1 is not { } top1 ? provenance : provenance.Add(
            ProvenanceKeys.PublishedTop1,
            string.Create(CultureInfo.InvariantCulture, $"{top1} % on ImageNet at {published.Resolution} pixels"));
    }

    private Preprocessing Preprocess()
    {
        var standard = Card?.Preprocessing ?? Standard ?? source.Preprocess(architecture);
        return options.AdjustPreprocessing is { } adjust ? adjust(standard) : standard;
    }

    // The file's input channels and classes, by the shapes of its first kernel and of its classifier; 0 classes where it has none.
    private (int Channels, int Classes) CountEnds()
    {
        var mapped = source.Map(architecture, architecture.Build(), tensors.Names);
        var stem = mapped.First(parameter => parameter.Parameter.Name == _ends.FirstKernel);
        int channels = tensors.ShapeOf(stem.SourceName) is { Length: 4 } shape ? shape[stem.Layout == TensorLayout.PyTorch ? 1 : 2] : 3;
        var classifier = mapped.FirstOrDefault(parameter => parameter.Parameter.Name == _ends.ClassifierKernel);
        if (classifier is null || tensors.ShapeOf(classifier.SourceName) is not { Length: >= 2 } matrix) return (channels, 0);
        return (channels, matrix[classifier.Layout == TensorLayout.PyTorch ? 0 : 1]);
    }

    private int ResolveClasses(int rows)
    {
        if (architecture.Embedding is not null)
        {
            return options.Classes is null or 0 ? 0 : throw new InvalidInputException(
                $"'{architecture.Name}' yields an embedding and has no classes; leave --classes out.");
        }

        if (options.ResetHead)
        {
            int wanted = options.Classes ?? options.ClassList?.Names.Length ?? rows;
            _remarks.Add($"The classifier is drawn anew for {wanted} classes (seed {options.Seed}); train it before use.");
            return wanted;
        }

        bool background = rows == BackgroundClasses && !options.KeepBackground && options.Classes != BackgroundClasses;
        int usable = background ? rows - 1 : rows;
        if (options.Classes is { } asked && asked != usable && asked != 0)
        {
            throw new InvalidInputException(rows == 0
                ? $"'{path}' has no classifier, but {asked} classes are asked for; add --reset-head to draw one anew, or --classes 0 for features."
                : $"'{path}' has a classifier of {usable} classes, but {asked} are asked for; add --reset-head to draw one anew, or leave --classes out.");
        }

        if (options.ClassList?.Names is { } names && (options.Classes ?? usable) != 0 && names.Length != usable)
            throw new InvalidInputException(
                $"{names.Length} class names are given for a classifier of {usable} classes; give one for each, in the order of the outputs.");
        if (background) _remarks.Add("The first of 1,001 outputs, TensorFlow's background, is left out.");
        if (rows == 0) _remarks.Add("The file has no classifier; the model yields its pooled features.");
        return options.Classes ?? usable;
    }

    private WeightSet Read(Graph graph, bool drawn)
    {
        var mapped = source.Map(architecture, graph, tensors.Names);
        var read = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        var errors = new List<string>();
        var fresh = drawn ? WeightInitializer.Initialize(graph, options.Seed) : null;
        var folded = FoldedNorms.Find(graph, mapped, tensors);
        foreach (var parameter in mapped)
        {
            string name = parameter.Parameter.Name;
            if (drawn && _ends.IsClassifier(name))
            {
                read[name] = fresh![parameter.Parameter];
                tensors.Skip(parameter.SourceName);
            }
            else if (tensors.Has(parameter)) read[name] = parameter.ToOurs(tensors.Read(parameter.SourceName));
            else if (folded.TryGetValue(name, out var value)) read[name] = value;
            else errors.Add(Error(parameter));
        }

        if (folded.Count > 0) _remarks.Add(
            "Batch normalisations are folded into the convolutions in this file; they are taken over as identities with the biases.");
        int foldedCount = errors.Count;
        var surplus = tensors.Unused.Where(name => !source.Ignores(name, tensors.Names) && !IsDroppedClassifier(graph, name)).ToList();
        errors.AddRange(surplus.Select(name => $"{OneLine.Clean(name)} has no place in this network"));
        if (errors.Count == 0) return new WeightSet(read);
        string more = errors.Count > MaxListed ? $" and {errors.Count - MaxListed} more" : "";
        string fitting = FittingArchitectures.Describe(tensors);
        throw new InvalidInputException(
            $"'{path}' does not fit '{architecture.Name}' under {source.Name}'s names ({foldedCount} of {mapped.Length} tensors missing or misshapen, {surplus.Count} surplus): "
            + $"{string.Join("; ", errors.Take(MaxListed))}{more}; {(fitting.Length > 0 ? fitting : "check --architecture and --source")}.");
    }

    private string Error(MappedParameter parameter) => tensors.ShapeOf(parameter.SourceName) is { } shape
        ? $"{parameter.SourceName} is [{string.Join(", ", shape)}], expected [{string.Join(", ", parameter.SourceShape)}]"
        : $"{parameter.SourceName} is missing";

    // Features were asked for, so the file's classifier is left behind knowingly.
    private bool IsDroppedClassifier(Graph graph, string name)
    {
        if (graph.Nodes.Any(node => node.Role == NodeRole.Classifier)) return false;
        var whole = source.Map(architecture, architecture.Build(), tensors.Names);
        return whole.Any(parameter => parameter.SourceName == name && _ends.IsClassifier(parameter.Parameter.Name));
    }

    private WeightSet WithoutBackground(WeightSet weights) => new(weights.Select(pair =>
    {
        if (!_ends.IsClassifier(pair.Key)) return pair;
        int row = pair.Value.Values.Length / pair.Value.Shape[0];
        return KeyValuePair.Create(pair.Key,
            new WeightTensor(pair.Value.Shape.SetItem(0, pair.Value.Shape[0] - 1), pair.Value.Values[row..]));
    }));

    private WeightSet WithChannels(WeightSet weights, int from, int to)
    {
        _remarks.Add(to == 1
            ? $"The first convolution's kernels are summed over {from} channels to one."
            : $"The first convolution's kernels are repeated from {from} channels to {to} and scaled by {from}/{to}.");
        return new WeightSet(weights.Select(pair => pair.Key == _ends.FirstKernel
            ? KeyValuePair.Create(pair.Key, InputChannels.Adapt(pair.Value, to))
            : pair));
    }

    private ClassList ClassesOf(int classes)
    {
        if (classes == 0 || architecture.Embedding is not null) return new ClassList([]);
        if (options.ClassList is { } given)
        {
            return given.Names.Length == classes ? given : throw new InvalidInputException(
                $"{given.Names.Length} class names are given for {classes} classes; give one for each, in the order of the outputs.");
        }

        if (Card is { } card && card.Classes.Length == classes) return new ClassList(card.Classes) { Ids = card.ClassIds };
        return !options.ResetHead && options.Published?.ClassList is { } known && known.Names.Length == classes
            ? known
            : new ClassList([.. Enumerable.Range(0, classes).Select(index => index.ToString(CultureInfo.InvariantCulture))]);
    }
}
