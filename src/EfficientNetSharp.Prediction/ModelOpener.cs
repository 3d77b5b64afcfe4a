using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Prediction;

/// <summary>
/// The one way to open and to run: any file and a backend's name make a runner. The host hands it the backends and readers that it
/// has; nothing is looked up at run time.
/// </summary>
/// <remarks>Safe for use from many threads at once.</remarks>
public sealed class ModelOpener
{
    /// <summary>Takes what a host has.</summary>
    /// <param name="backends">The backends, at least one; the first runs what no other is named for. Their names differ.</param>
    /// <param name="readers">The readers, at least one; of several that read a file the first does.</param>
    /// <exception cref="ArgumentException">There is no backend, two of a name, or no reader.</exception>
    public ModelOpener(IEnumerable<IBackend> backends, IEnumerable<IModelReader> readers)
    {
        (Backends, Readers) = ([.. backends], [.. readers]);
        if (Backends.IsEmpty || Backends.DistinctBy(backend => backend.Name, StringComparer.Ordinal).Count() < Backends.Length)
            throw new ArgumentException("At least one backend is expected, each of its own name.", nameof(backends));
        if (Readers.IsEmpty) throw new ArgumentException("At least one reader is expected.", nameof(readers));
    }

    /// <summary>The backends; the first is the one that runs what no other is named for.</summary>
    public ImmutableArray<IBackend> Backends { get; }

    /// <summary>The readers, in the order in which they are asked.</summary>
    public ImmutableArray<IModelReader> Readers { get; }

    /// <summary>The backend of a name.</summary>
    /// <param name="name">Its name; the first one's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">There is none of that name; the message lists all.</exception>
    public IBackend Backend(string? name = null) => name is null
        ? Backends[0]
        : Backends.FirstOrDefault(backend => backend.Name == name) ?? throw new InvalidInputException(
            $"There is no backend {OneLine.Quote(name, 40)}; the known ones are {string.Join(", ", Backends.Select(backend => backend.Name))}.");

    /// <summary>Reads a file as a network, to be looked into or changed before it runs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; <see langword="null"/> for the file's own size.</param>
    /// <exception cref="InvalidInputException">There is no such file, or it cannot be used; the message says why.</exception>
    public OpenedModel Read(string path, ModelReadOptions? options = null)
    {
        if (Readers.FirstOrDefault(reader => reader.Reads(path)) is { } found) return found.Read(path, options ?? new ModelReadOptions());
        if (Directory.Exists(path)) throw new InvalidInputException(
            $"A model is expected, found the folder '{path}'; name the file in it.");
        if (!File.Exists(path)) throw new InvalidInputException($"There is no file '{path}'; check the name.");
        throw new InvalidInputException(
            $"'{path}' is none of the files that are read here: {string.Join(", ", Readers.Select(reader => reader.Reading))}.");
    }

    /// <summary>Opens a file for tensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">With which backend and how; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">The file or the backend's name cannot be used; the message says why.</exception>
    public OpenedRunner Open(string path, OpenOptions? options = null) => Open(path, options ?? new OpenOptions(), needsCard: false);

    /// <summary>Opens a file for images, with the transform that they need.</summary>
    /// <param name="path">The file; it has to say what its images are, or the options.</param>
    /// <param name="options">With which backend and how; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">The file or the backend's name cannot be used; the message says why.</exception>
    public ImageNetwork OpenForImages(string path, OpenOptions? options = null)
    {
        options ??= new OpenOptions();
        var open = Open(path, options, needsCard: options.Preprocessing is null);
        try
        {
            EnsureInputHolds(path, open.Source, options);
            return new ImageNetwork(open, CardOf(path, open.Card, open.Runner.InputShape, open.Runner.OutputShape, options), path);
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file as a model for images of the size and preprocessing that are asked for.</summary>
    /// <param name="path">The file; it has to say what its images are, or the options.</param>
    /// <param name="options">The size and what is done to images otherwise; <see langword="null"/> for the file's own.</param>
    /// <exception cref="InvalidInputException">The file cannot be used; the message says why.</exception>
    public Model ReadForImages(string path, OpenOptions? options = null)
    {
        options ??= new OpenOptions();
        var read = Read(path, new ModelReadOptions { Size = options.Size, NeedsCard = options.Preprocessing is null });
        Tell(read, options);
        EnsureInputHolds(path, read, options);
        var card = CardOf(path, read.Card, read.Graph.Input.Shape, read.Graph.Output.Shape, options);
        return new Model(read.Graph, card, read.Weights, read.Architecture);
    }

    // An input of integers holds the numbers of one normalisation; those of another would be cut off at its bounds.
    private static void EnsureInputHolds(string path, OpenedModel? model, OpenOptions options)
    {
        if (model?.Graph.Quantization?.Of(model.Graph.Input) is not { } input || model.Card?.Preprocessing is not { } said
            || options.Preprocessing is not { } given
            || (Agree(said.Mean, given.Mean) && Agree(said.StandardDeviation, given.StandardDeviation))) return;
        throw new InvalidInputException(
            $"'{path}' is quantized for images of mean {Text(said.Mean)} and deviation {Text(said.StandardDeviation)} ({input}), and the preprocessing has {Text(given.Mean)} and {Text(given.StandardDeviation)}; leave --preprocessing out, or name one with the file's.");

        static bool Agree(ImmutableArray<float> a, ImmutableArray<float> b) =>
            a.Length == b.Length && a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) <= 0.01f);

        static string Text(ImmutableArray<float> values) => string.Join(", ", values.Select(value => NumberText.Of(Math.Round((double)value, 3))));
    }

    private static ModelCard CardOf(string path, ModelCard? said, TensorShape input, TensorShape output, OpenOptions options)
    {
        var card = (said, options.Preprocessing) switch
        {
            (null, null) => throw new InvalidInputException(
                $"'{path}' does not say what its images are; say it with --preprocessing, or run tensors through it."),
            (_, { } given) => (said ?? new ModelCard { Classes = [], Preprocessing = given }) with
            {
                Preprocessing = given.At(input.Height, input.Width),
            },
            _ => said,
        };
        if (options.ClassList is { } list)
        {
            if (output.Count != list.Names.Length)
                throw new InvalidInputException($"'{path}' has {NumberText.Counted(output.Count, "output")}, found {NumberText.Counted(list.Names.Length, "class name")} for them.");
            card = card with { Classes = list.Names, ClassIds = list.Ids };
        }

        return card with { Preprocessing = PreprocessingOf(card, options) };
    }

    private OpenedRunner Open(string path, OpenOptions options, bool needsCard)
    {
        var backend = Backend(options.Backend);
        var read = new ModelReadOptions { Size = options.Size, NeedsCard = needsCard };
        // Where no backend is named, whoever can run the file may: it may have operators that a network of ours has no use for.
        var whole = (options.Backend is null ? Backends.OfType<IFileBackend>()
            : Backends.OfType<IFileBackend>().Where(named => named == backend))
            .FirstOrDefault(candidate => candidate.Opens(path));
        if (whole is not null && whole == backend && options.Features is null) return whole.Open(path, read, options.Runner);
        try
        {
            return Start(path, Read(path, read), backend, options);
        }
        catch (InvalidInputException e) when (e.UnsupportedOperator is not null && whole is not null
            && options.Features is null or { IsPooled: true })
        {
            // Damaged files and those that ask for too much are refused whoever could be asked.
            var open = Whole(whole!, path, read, options);
            options.OnFallback?.Invoke($"{backend.Name} has no {e.UnsupportedOperator}; {whole!.Name} runs the file.");
            return open;
        }
    }

    // A file that was exported for its features yields them by itself.
    private static OpenedRunner Whole(IFileBackend backend, string path, ModelReadOptions read, OpenOptions options)
    {
        var open = backend.Open(path, read, options.Runner);
        if (options.Features is null || open.Card is { Classes.IsEmpty: true }) return open;
        open.Dispose();
        throw OutputsAreChosen(path);
    }

    private static void Tell(OpenedModel model, OpenOptions options)
    {
        foreach (string note in model.Notes) options.OnNote?.Invoke(note);
    }

    private static OpenedRunner Start(string path, OpenedModel model, IBackend backend, OpenOptions options)
    {
        Tell(model, options);
        if (options.Features is not { } features)
            return new OpenedRunner(backend.Create(model.Graph, model.Weights, options.Runner), model.Card, model.OutputNames)
            {
                Source = model,
            };
        bool isClassifier = model.Graph.Nodes.Any(node => node.Role == NodeRole.Classifier);
        // What may be a classifier without being known as one cannot be cut before its last layer.
        // One of which a person says what its images are yields what that person asked for.
        if (features.IsPooled && !isClassifier && model.Card is not { Classes.IsEmpty: true } && options.Preprocessing is null)
            throw OutputsAreChosen(path);
        var graph = features.Of(model.Graph);
        var names = isClassifier || !features.IsPooled ? features.Names : model.OutputNames;
        return new OpenedRunner(backend.Create(graph, model.Weights.For(graph), options.Runner), model.Card, names) { Source = model };
    }

    private static InvalidInputException OutputsAreChosen(string path) => new(
        $"Features are taken from a model whose layers are known, and the outputs of '{path}' were chosen when it was exported; give the model file, or one exported with its features.");

    private static Preprocessing PreprocessingOf(ModelCard card, OpenOptions options)
    {
        var sized = options.Size is { } size ? card.Preprocessing.At(size.Height, size.Width) : card.Preprocessing;
        var adjusted = options.AdjustPreprocessing?.Invoke(sized) ?? sized;
        return (adjusted.Height, adjusted.Width) == (sized.Height, sized.Width)
            ? adjusted
            : throw new ArgumentException("The size is changed by the options' own member.", nameof(options));
    }
}
