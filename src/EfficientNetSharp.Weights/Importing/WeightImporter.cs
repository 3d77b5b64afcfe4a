using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Weights.TfLite;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing.Keras;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Makes a model of a file of another implementation's weights.</summary>
/// <remarks>
/// The source decides how the network is run (padding, epsilon, momentum, preprocessing), the architecture's name only what it
/// consists of: EfficientNet-PyTorch's weights for <c>efficientnet_b0</c> make a SAME-padded network.
/// </remarks>
public static class WeightImporter
{
    /// <summary>Takes a file's weights over.</summary>
    /// <param name="file">The file, open.</param>
    /// <param name="architecture">What the network consists of.</param>
    /// <param name="options">How; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">
    /// The names are nobody's, tensors are missing, surplus or misshapen (the message lists them), or the classifier has another
    /// number of classes than asked for.
    /// </exception>
    public static ImportedModel Import(WeightFile file, Architecture architecture, ImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(architecture);
        options ??= new ImportOptions();
        var tensors = new SourceTensors(file.All);
        var sources = options.Source is { } given ? [given] : NameMapRegistry.With(options.PreferAverage);
        var bodies = BodySearch.Find(tensors, architecture, sources);
        if (bodies.IsEmpty) throw NobodysNames(file, architecture, options.Source);
        var (body, choice) = new BodyChoice(file.Path, tensors, options, file.PrefersAverage).Of(bodies);
        CheckEpsilon(file, body);
        // Keras's networks have what is done to images within, and the file says it.
        var keras = body.Source is KerasNameMap && !options.ScaleIsGiven
            ? new KerasPreprocessing(file, tensors, body.Source.Preprocess(body.Architecture), architecture.Family) : null;
        return new ImportRun(file.Path, tensors, body, options)
        {
            Others = bodies.Remove(body),
            Standard = keras?.Read(),
            Remarks = [.. choice is null ? Array.Empty<string>() : [choice], .. file.Remarks, .. keras?.Remarks ?? []],
        }.Run();
    }

    /// <summary>Takes a file over, of whatever kind.</summary>
    /// <param name="path">The file: weights of any <see cref="WeightFormat"/>, an ONNX or a TensorFlow Lite file.</param>
    /// <param name="architecture">
    /// What the network consists of; <see langword="null"/> to tell it from an ONNX file's graph, from the published file that it is, from
    /// its name, or from its tensors where they are of one registered network alone. Of an ONNX file it is a claim that is checked.
    /// </param>
    /// <param name="options">How; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">
    /// As for <see cref="Import(WeightFile, Architecture, ImportOptions?)"/>, or nothing says which network it is.
    /// </exception>
    public static ImportedModel Import(string path, Architecture? architecture, ImportOptions? options = null)
    {
        options ??= new ImportOptions();
        if (OnnxModelFile.IsOnnx(path)) return OnnxImport.Run(path, architecture, options);
        if (new TfLiteModelReader().Reads(path)) return TfLiteImport.Run(path, architecture, options);
        // A file that is not there is said before what it does not say.
        using var file = WeightFile.Open(path, options.PreferAverage);
        return Import(file, architecture ?? Told(file, options), options);
    }

    // A file's name is a hint, since networks of other sources have the same; its tensors are what it is.
    private static Architecture Told(WeightFile file, ImportOptions options)
    {
        if (options.Published is { } published) return ArchitectureRegistry.Get(published.Architecture);
        if (ArchitectureRegistry.Find(Path.GetFileNameWithoutExtension(file.Path)) is not { } named)
            return FittingArchitectures.Only(file, options.Source);
        IReadOnlyCollection<NameMap> sources = options.Source is { } given ? [given] : NameMapRegistry.All;
        var tensors = new SourceTensors(file.All);
        return BodySearch.Find(tensors, named, sources).Any(body => body.IsWhole) ? named
            : FittingArchitectures.Find(tensors, sources) is [var only] ? ArchitectureRegistry.Get(only.Architecture.Name) : named;
    }

    // A whole module says how it normalises, and weights fit only that.
    private static void CheckEpsilon(WeightFile file, FittedBody body)
    {
        if (file.Epsilon is { } stated && !body.HasEpsilon(stated)) throw new InvalidInputException(string.Create(
            CultureInfo.InvariantCulture,
            $"'{file.Path}' holds a model that normalises with epsilon {stated:0.########}, and '{body.Architecture.Name}' of {body.Source.Title} has {body.Architecture.Normalization.Epsilon:0.########}; name the network that it is by --architecture, or export it as ONNX."));
    }

    private static InvalidInputException NobodysNames(WeightFile file, Architecture architecture, NameMap? given)
    {
        string found = string.Join(", ", file.Tensors.Take(3).Select(tensor => OneLine.Clean(tensor.Name)));
        string expected = string.Join("; ", (given is null ? NameMapRegistry.All : [given]).Select(map =>
        {
            var adapted = map.Adapt(architecture);
            var mapped = map.Map(adapted, adapted.Build(), ImmutableHashSet<string>.Empty);
            return mapped.IsEmpty ? null : $"{map.Name}: {mapped[0].SourceName}";
        }).Where(text => text is not null));
        string fitting = FittingArchitectures.Describe(new SourceTensors(file.All));
        string hint = fitting.Length > 0 ? fitting : expected.Length == 0
            ? $"{given?.Name} has no network like '{architecture.Name}'"
            : $"for '{architecture.Name}' the tensors are expected to be called as in {expected}";
        return new InvalidInputException(
            $"'{file.Path}' has {NumberText.Counted(file.Tensors.Length, "tensor")} ({found} …), which are not those of '{architecture.Name}': {hint}; check --architecture and --source.");
    }
}
