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
/// <param name="body">The network in it.</param>
/// <param name="options">How.</param>
internal sealed class ImportRun(string path, SourceTensors tensors, FittedBody body, ImportOptions options)
{
    // 1,000 classes of ImageNet behind one for none of them (tensorflow/tpu, EdgeTPU variants).
    private const int BackgroundClasses = 1001;

    private const int MaxListed = 5;

    private readonly Architecture _architecture = body.Architecture;

    private readonly NetworkEnds _ends = NetworkEnds.Of(body.Architecture);

    private readonly List<string> _remarks = [];

    private PlainHead? _head;

    /// <summary>The same network elsewhere in the file, which is left where it is.</summary>
    public IReadOnlyCollection<FittedBody> Others { get; init; } = [];

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
        int channels = CountChannels();
        var standard = body.Build(channels);
        var folded = FoldedNorms.Find(standard, body.Map(standard, tensors.Names), tensors);
        FindHead(standard, folded);
        int rows = _head?.Classes ?? 0, classes = ResolveClasses(rows);
        bool drawn = options.ResetHead && classes > 0;
        var graph = body.Build(channels, drawn || rows == 0 ? classes : classes == 0 ? 0 : rows);
        var weights = Read(graph, drawn, folded);
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
        var model = Model.Of(_architecture, card, weights);
        weights.EnsureFit(model.BuildGraph());
        return new ImportedModel(model, body.Source, [.. _remarks]);
    }

    private ImmutableSortedDictionary<string, string> Provenance()
    {
        if (Card is { } card) return card.Provenance;
        var provenance = ImmutableSortedDictionary<string, string>.Empty
            .Add(ProvenanceKeys.Source, body.Source.Title).Add(ProvenanceKeys.SourceFile, Path.GetFileName(path));
        if (options.Published is not { } published) return provenance;
        provenance = provenance.Add(ProvenanceKeys.PublishedAs, published.Name)
            .Add(ProvenanceKeys.Licence, published.Licence).Add(ProvenanceKeys.SourceUrl, published.Url.ToString());
        return published.Top1 is not { } top1 ? provenance : provenance.Add(
            ProvenanceKeys.PublishedTop1,
            string.Create(CultureInfo.InvariantCulture, $"{top1} % on ImageNet at {published.Resolution} pixels"));
    }

    private Preprocessing Preprocess()
    {
        var standard = Card?.Preprocessing ?? Standard ?? OfSource();
        return options.AdjustPreprocessing is { } adjust ? adjust(standard) : standard;
    }

    private Preprocessing OfSource()
    {
        var standard = body.Source.Preprocess(_architecture);
        return body.Input is var (height, width) ? standard.At(height, width) : standard;
    }

    // The file's input channels, by the shape of its first kernel.
    private int CountChannels()
    {
        var stem = body.Map(body.Build(), tensors.Names).First(parameter => parameter.Parameter.Name == _ends.FirstKernel);
        return tensors.ShapeOf(stem.SourceName) is { Length: 4 } shape ? shape[stem.Layout == TensorLayout.PyTorch ? 1 : 2] : 3;
    }

    // The classifier, by its own name or as the one plain layer that is left over; what else is left is left out knowingly or refused.
    private void FindHead(Graph graph, FoldedNorms folded)
    {
        var mapped = body.Map(graph, tensors.Names);
        var left = Leftovers.Of(tensors, body, Others, options.Prefix is { Length: > 0 });
        var head = left.Head;
        var kernel = mapped.FirstOrDefault(parameter => parameter.Parameter.Name == _ends.ClassifierKernel);
        var bias = mapped.FirstOrDefault(parameter => _ends.IsClassifier(parameter.Parameter.Name) && parameter != kernel);
        if (kernel is not null)
        {
            _head = PlainHead.Own(tensors, kernel, bias);
            if (_head is null) head = [.. new[] { kernel.SourceName, bias?.SourceName }.OfType<string>().Where(tensors.Names.Contains), .. head];
            if (bias is not null) _head ??= PlainHead.Among(tensors, head, kernel, bias);
            if (_head is not null) head = head.RemoveAll(name => name == _head.Kernel || name == _head.Bias);
        }

        CheckBody(mapped, folded, left.Surplus.RemoveAll(folded.Biases.Contains), head);
        bool isLeftOut = options.Classes == 0 || options.ResetHead || options.LeaveOutOtherHeads;
        if (!head.IsEmpty && !isLeftOut) throw OtherHead(head, kernel);
        if (!left.Beside.IsEmpty) _remarks.Add($"Left out, as no part of the network: {Leftovers.DescribeGroups(left.Beside)}.");
        if (!head.IsEmpty)
        {
            _remarks.Add($"Left out, as no plain classifier: {Leftovers.Describe(tensors, head)}.");
            _head = null;
        }
        else if (_head is not null && kernel is not null && _head.Kernel != kernel.SourceName && !options.ResetHead && options.Classes != 0)
            _remarks.Add($"The classifier is {OneLine.Quote(_head.Module)}.");
    }

    // Whether all of the network's own is there; the classifier is another matter.
    private void CheckBody(ImmutableArray<MappedParameter> mapped, FoldedNorms folded,
        ImmutableArray<string> surplus, ImmutableArray<string> head)
    {
        ImmutableArray<MappedParameter> own = [.. mapped.Where(parameter => !_ends.IsClassifier(parameter.Parameter.Name))];
        var errors = own.Where(parameter => !tensors.Has(parameter) && !folded.Values.ContainsKey(parameter.Parameter.Name)).Select(Error).ToList();
        int missing = errors.Count;
        if (missing == 0 && surplus.IsEmpty) return;
        errors.AddRange(surplus.Concat(head).Select(name => $"{OneLine.Clean(name)} has no place in this network"));
        string more = errors.Count > MaxListed ? $" and {errors.Count - MaxListed} more" : "";
        string fitting = FittingArchitectures.Describe(tensors);
        throw new InvalidInputException(
            $"'{path}' does not fit '{_architecture.Name}' under {body.Source.Name}'s names ({missing} of {own.Length} tensors missing or misshapen, {surplus.Length + head.Length} surplus): "
            + $"{string.Join("; ", errors.Take(MaxListed))}{more}; {(fitting.Length > 0 ? fitting : "check --architecture and --source")}.");
    }

    private string Error(MappedParameter parameter) => tensors.ShapeOf(parameter.SourceName) is { } shape
        ? $"{OneLine.Clean(parameter.SourceName)} is [{string.Join(", ", shape)}], expected [{string.Join(", ", parameter.SourceShape)}]"
        : $"{OneLine.Clean(parameter.SourceName)} is missing";

    private int ResolveClasses(int rows)
    {
        if (_architecture.Embedding is not null)
        {
            return options.Classes is null or 0 ? 0 : throw new InvalidInputException(
                $"'{_architecture.Name}' yields an embedding and has no classes; leave --classes out.");
        }

        if (options.ResetHead)
        {
            int wanted = options.Classes ?? options.ClassList?.Names.Length ?? rows;
            if (wanted == 0) throw new InvalidInputException(
                $"'{path}' has no plain classifier whose classes --reset-head could take over; add --classes N.");
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

    private WeightSet Read(Graph graph, bool drawn, FoldedNorms folded)
    {
        var read = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        var fresh = drawn ? WeightInitializer.Initialize(graph, options.Seed) : null;
        foreach (var parameter in body.Map(graph, tensors.Names))
        {
            string name = parameter.Parameter.Name;
            if (!_ends.IsClassifier(name))
                read[name] = folded.Values.TryGetValue(name, out var identity) ? identity : parameter.ToOurs(tensors.Read(parameter.SourceName));
            else if (drawn) read[name] = fresh![parameter.Parameter];
            else if (parameter.Parameter.IsKernel) read[name] = parameter.ToOurs(tensors.Read(_head!.Kernel));
            else if (_head!.Bias is { } bias) read[name] = parameter.ToOurs(tensors.Read(bias));
            else
            {
                read[name] = new WeightTensor(parameter.Parameter.Shape, new float[parameter.Parameter.Count]);
                _remarks.Add("The classifier has no bias in the file; zeros stand for it.");
            }
        }

        if (folded.Values.Count > 0) _remarks.Add(
            "Batch normalisations are folded into the convolutions in this file; they are taken over as identities with the biases.");
        return new WeightSet(read);
    }

    private InvalidInputException OtherHead(ImmutableArray<string> head, MappedParameter? kernel)
    {
        string place = body.Prefix.Length > 0 ? $", {BodyChoice.Behind(body)}" : "";
        string features = kernel is null ? "" : $" over its {kernel.Parameter.Shape[1]} features";
        string found = _head is null ? $"no plain classifier{features} alone" : $"beside a classifier of {_head.Classes} classes more than that";
        bool isBeside = _head is not null && body.Prefix.Length > 0 && _head.Kernel.StartsWith(body.Prefix, StringComparison.Ordinal)
            && !head.Any(name => name.StartsWith(body.Prefix, StringComparison.Ordinal));
        string alone = isBeside ? $" Where that is another network's, --prefix {OneLine.Clean(body.Prefix)} takes this one with its classifier." : "";
        string command = $"effnet import '{path}' -a {_architecture.Name} --classes 0 -o model.safetensors";
        return new InvalidInputException(
            $"'{path}' has all of '{_architecture.Name}' under {body.Source.Name}'s names{place}, and {found}: left over are {Leftovers.Describe(tensors, head)}. To leave the head out: {command}; --reset-head --classes N in place of --classes 0 draws a new classifier.{alone}");
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
        if (classes == 0 || _architecture.Embedding is not null) return new ClassList([]);
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
