using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models.Safetensors;

namespace EfficientNetSharp.Models;

/// <summary>
/// The model file: one <c>.safetensors</c> file is one model. Its tensors are the weights by the graph's parameter names, each in its
/// <see cref="WeightTensor.Storage"/>; its metadata hold <c>format</c>, <c>format_version</c>, <c>graph</c> (as <see cref="GraphJson"/>),
/// <c>card</c> and, where there is one, <c>architecture</c> (both as <see cref="ModelJson"/>). A quantized network's plan is
/// <c>quantization</c> (as <see cref="QuantizationJson"/>), with the scales of each kernel as a tensor <c>….weight.scale</c> beside it; there
/// both it and the graph are packed (deflate in base64), since beside 8-bit weights their text counts.
/// </summary>
/// <remarks>
/// Version 1 had no graph: it was built from the architecture. Version 2 had no quantization, version 3 packed nothing. Such files are
/// read as before.
/// Weights that are not finite are kept as they are: a network that diverged is a fact to look into, not a damaged file.
/// </remarks>
public static class ModelFile
{
    /// <summary>The value of the metadata's <c>format</c>.</summary>
    public const string Format = "efficientnetsharp";

    /// <summary>The newest version of the format, which is read with all before it.</summary>
    public const int FormatVersion = 4;

    private const int FirstPackedVersion = 4;

    // What has no integers is written as before, so that versions that know none read it.
    private const int FloatVersion = 2;

    private const string FormatKey = "format", VersionKey = "format_version", GraphKey = "graph", ArchitectureKey = "architecture",
        CardKey = "card", QuantizationKey = "quantization";

    // What a kernel's scales are called beside it.
    private const string ScaleSuffix = ".scale";

    /// <summary>Writes a model, whole or not at all; equal models give equal bytes.</summary>
    /// <exception cref="InvalidInputException">
    /// Graph, card, architecture and weights do not fit each other, their data are out of range, or the path cannot be written to.
    /// </exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Save(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelCardRules.Check(model.Card);
        ModelConsistency.Check(model);
        model.Weights.EnsureFit(model.Graph);
        bool isPacked = model.Graph.Quantization is not null;
        string graph = GraphJson.Serialize(model.Graph);
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = (isPacked ? FormatVersion : FloatVersion).ToString(CultureInfo.InvariantCulture),
            [GraphKey] = isPacked ? PackedText.Pack(graph) : graph,
            [CardKey] = ModelJson.Serialize(model.Card),
        };
        if (model.Architecture is { } architecture) metadata.Add(ArchitectureKey, ModelJson.Serialize(architecture));
        var tensors = model.Weights.Select(pair => Entry(pair.Key, pair.Value));
        if (model.Graph.Quantization is { } plan)
        {
            metadata.Add(QuantizationKey, PackedText.Pack(QuantizationJson.Serialize(plan, withScales: false)));
            tensors = tensors.Concat(plan.Kernels.Select(pair => SafetensorsEntry.FromFloats(
                pair.Key + ScaleSuffix, [pair.Value.Scales.Length], pair.Value.Scales.AsMemory())));
        }

        SafetensorsWriter.Write(path, metadata, tensors);
    }

    private static SafetensorsEntry Entry(string name, WeightTensor tensor) => tensor.Integers is { } integers
        ? SafetensorsEntry.FromBytes(name, integers.Type, tensor.Shape, integers.Bytes)
        : SafetensorsEntry.FromFloats(name, tensor.Shape, tensor.Values, tensor.Storage);

    /// <summary>Whether a file is a model of this kind, by its metadata; whether it is a usable one, <see cref="Load"/> says.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is no safetensors file.</exception>
    public static bool IsModel(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Metadata.GetValueOrDefault(FormatKey) == Format;
    }

    /// <summary>
    /// Reads a model. All is checked against the header before any weight is read, so that no file makes this allocate more than
    /// it holds. Weights may be F32, F16, BF16 or F64; doubles become F32. Those that a quantization plan names are integers.
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is another kind of file or of a newer version, is damaged, or its parts do not fit each other.
    /// </exception>
    public static Model Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var model = In(file, () => LoadDescription(file));
        var plan = model.Graph.Quantization;
        // In the file's order, so that a disk reads straight on.
        var tensors = Weights(file, plan).Select(tensor => KeyValuePair.Create(tensor.Name, IsInteger(tensor.Type)
            ? IntegerWeights.Read(model.Graph, tensor.Name, tensor.Shape, new IntegerValues(tensor.Type, file.ReadBytes(tensor.Name)))
            : new WeightTensor(tensor.Shape, file.ReadFloat32(tensor.Name), tensor.Type == ElementType.F64 ? ElementType.F32 : tensor.Type)));
        return model with { Weights = new WeightSet(tensors) };
    }

    // The tensors that are the network's, without the scales beside its kernels.
    private static IEnumerable<SafetensorsTensor> Weights(SafetensorsFile file, QuantizationPlan? plan) => file.Tensors.Where(
        tensor => plan is null || !tensor.Name.EndsWith(ScaleSuffix, StringComparison.Ordinal)
            || !plan.Kernels.ContainsKey(tensor.Name[..^ScaleSuffix.Length]));

    private static bool IsInteger(ElementType type) =>
        type is ElementType.U8 or ElementType.I8 or ElementType.I16 or ElementType.I32 or ElementType.I64;

    // The model without its weights, which are known to fit.
    private static Model LoadDescription(SafetensorsFile file)
    {
        int version = CheckFormat(file);
        var card = ModelJson.ParseCard(Get(file, CardKey));
        var architecture = version == 1 || file.Metadata.ContainsKey(ArchitectureKey)
            ? ModelJson.ParseArchitecture(Get(file, ArchitectureKey)) : null;
        // Every block has tensors, so an architecture of more blocks than tensors need not be built to know that it does not fit.
        long blocks = architecture is null || architecture.Stages.IsDefault ? 0
            : architecture.Stages.Sum(stage => (long)(stage?.Repeats ?? 0));
        if (blocks > file.Tensors.Length)
            throw new InvalidInputException(
                $"the architecture has {blocks} blocks, the file only {file.Tensors.Length} tensors; make or fetch it again.");
        var model = version == 1
            ? Model.Of(architecture!, card, new WeightSet([]))
            : new Model(GraphJson.Parse(Text(GraphKey, Get(file, GraphKey))), card, new WeightSet([]), architecture);
        ModelConsistency.Check(model);
        QuantizationPlan? plan = null;
        if (file.Metadata.TryGetValue(QuantizationKey, out string? quantization))
        {
            plan = QuantizationJson.Parse(Text(QuantizationKey, quantization), name => ScalesOf(file, name));
            // What the file names, the network must have: nothing is left out.
            plan.Check(model.Graph);
            model = model with { Graph = model.Graph.WithQuantization(plan) };
        }

        WeightSet.EnsureFit(model.Graph, Weights(file, plan).Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Shape)));
        IntegerWeights.EnsureFit(model.Graph, name => file.Find(name) is { } tensor && IsInteger(tensor.Type) ? tensor.Type : null);
        return model;

        string Text(string key, string given) => version >= FirstPackedVersion ? PackedText.Unpack(given, key) : given;
    }

    private static ImmutableArray<float> ScalesOf(SafetensorsFile file, string kernel)
    {
        string name = kernel + ScaleSuffix;
        return file.Find(name) is { Shape.Length: 1 }
            ? [.. file.ReadFloat32(name)]
            : throw new InvalidInputException($"the kernel {OneLine.Quote(kernel)} is quantized, and a list of its scales is expected as {OneLine.Quote(name)}; make or fetch it again.");
    }

    private static int CheckFormat(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(FormatKey, out string? format) || format != Format)
        {
            string found = format is null ? "no format" : $"the format {OneLine.Quote(format, 30)}";
            throw new InvalidInputException(
                $"its metadata name {found}, expected '{Format}': it has tensors but no model; use 'effnet import' on it.");
        }

        string version = Get(file, VersionKey);
        if (!NumberText.TryParseDigits(version, out int number) || number < 1)
            throw new InvalidInputException(
                $"its format_version is {OneLine.Quote(version, 30)}, expected a number from 1; make or fetch it again.");
        if (number > FormatVersion)
            throw new InvalidInputException(
                $"it was written by a newer version (format {number}; this one reads up to {FormatVersion}); update this one.");
        return number;
    }

    private static string Get(SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out string? value)
        ? value
        : throw new InvalidInputException($"its metadata lack '{key}'; make or fetch it again.");

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
