using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models.Safetensors;

namespace EfficientNetSharp.Models;

/// <summary>
/// The model file: one <c>.safetensors</c> file is one model. Its tensors are the weights by canonical name; its metadata hold
/// <c>format</c>, <c>format_version</c>, <c>architecture</c> and <c>card</c>, the last two as <see cref="ModelJson"/>.
/// </summary>
/// <remarks>Weights that are not finite are kept as they are: a network that diverged is a fact to look into, not a damaged file.</remarks>
public static class ModelFile
{
    /// <summary>The value of the metadata's <c>format</c>.</summary>
    public const string Format = "efficientnetsharp";

    /// <summary>The version of the format that is written, and the newest that is read.</summary>
    public const int FormatVersion = 1;

    private const string FormatKey = "format", VersionKey = "format_version", ArchitectureKey = "architecture", CardKey = "card";

    /// <summary>Writes a model, whole or not at all; equal models give equal bytes.</summary>
    /// <exception cref="InvalidInputException">
    /// The weights do not fit the architecture, its or the card's data are out of range, or the path cannot be written to.
    /// </exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Save(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelCardRules.Check(model.Card);
        model.Weights.EnsureFit(BuildGraph(model));
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = FormatVersion.ToString(CultureInfo.InvariantCulture),
            [ArchitectureKey] = ModelJson.Serialize(model.Architecture),
            [CardKey] = ModelJson.Serialize(model.Card),
        };
        var tensors = model.Weights.Select(pair => SafetensorsEntry.FromFloats(pair.Key, pair.Value.Shape, pair.Value.Values));
        SafetensorsWriter.Write(path, metadata, tensors);
    }

    /// <summary>
    /// Reads a model. All is checked against the header before any weight is read, so that no file makes this allocate more than
    /// it holds. Weights may be F32, F16, BF16 or F64.
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is another kind of file or of a newer version, is damaged, or its parts do not fit each other.
    /// </exception>
    public static Model Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var model = In(file, () => LoadDescription(file));
        // In the file's order, so that a disk reads straight on.
        var tensors = file.Tensors.Select(tensor => KeyValuePair.Create(tensor.Name, new WeightTensor(tensor.Shape, file.ReadFloat32(tensor.Name))));
        return model with { Weights = new WeightSet(tensors) };
    }

    // The model without its weights, which are known to fit.
    private static Model LoadDescription(SafetensorsFile file)
    {
        CheckFormat(file);
        var model = new Model(ModelJson.ParseArchitecture(Get(file, ArchitectureKey)), ModelJson.ParseCard(Get(file, CardKey)), new WeightSet([]));

        // Every block has tensors, so an architecture of more blocks than tensors need not be built to know that it does not fit.
        long blocks = model.Architecture.Stages.IsDefault ? 0 : model.Architecture.Stages.Sum(stage => (long)(stage?.Repeats ?? 0));
        if (blocks > file.Tensors.Length)
            throw new InvalidInputException($"the architecture has {blocks} blocks, the file only {file.Tensors.Length} tensors; make or fetch it again.");
        WeightSet.EnsureFit(BuildGraph(model), file.Tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Shape)));
        return model;
    }

    private static void CheckFormat(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(FormatKey, out string? format) || format != Format)
        {
            string found = format is null ? "no format" : $"the format {OneLine.Quote(format, 30)}";
            throw new InvalidInputException($"its metadata name {found}, expected '{Format}': it has tensors but no model; use 'effnet import' on it.");
        }

        string version = Get(file, VersionKey);
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            throw new InvalidInputException($"its format_version is {OneLine.Quote(version, 30)}, expected a number from 1; make or fetch it again.");
        if (number > FormatVersion)
            throw new InvalidInputException($"it was written by a newer version (format {number}; this one reads up to {FormatVersion}); update this one.");
    }

    private static string Get(SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out string? value)
        ? value
        : throw new InvalidInputException($"its metadata lack '{key}'; make or fetch it again.");

    private static Graph BuildGraph(Model model)
    {
        try
        {
            return model.BuildGraph();
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            // Numbers that are each in range can still be no network together, such as a kernel larger than its map.
            throw new InvalidInputException($"The architecture {OneLine.Quote(model.Architecture.Name)} is no network: {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    private static Model In(SafetensorsFile file, Func<Model> load)
    {
        try
        {
            return load();
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"'{file.Path}' is not a usable model file: {e.Message}", e);
        }
    }
}
