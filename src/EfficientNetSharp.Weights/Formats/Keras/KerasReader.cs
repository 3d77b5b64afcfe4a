using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Zip;
using EfficientNetSharp.Weights.Formats.Hdf5;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>
/// Reads Keras's weights: the HDF5 layout of Keras 2 (a group a layer, with the attributes <c>layer_names</c> and
/// <c>weight_names</c>) and that of Keras 3 (<c>layers/&lt;name&gt;/vars/0</c>, …), alone or in a <c>.keras</c> archive.
/// </summary>
/// <remarks>
/// Keras 2's tensors come as <c>&lt;layer&gt;/&lt;weight&gt;</c>, see <see cref="KerasNames"/>; Keras 3's by their path. An
/// optimizer's are left out.
/// </remarks>
internal sealed class KerasReader
{
    /// <summary>The weights in a <c>.keras</c> archive.</summary>
    public const string WeightsEntry = "model.weights.h5";

    // The model's layers, as JSON: beside the weights in an archive, an attribute of Keras 2's files.
    private const string ConfigurationEntry = "config.json", Configuration = "model_config";

    // EfficientNet-B7's has 1.5 MB.
    private const int MaxConfigurationBytes = 1 << 25;

    // Keras's deepest nesting of models is a handful.
    private const int MaxDepth = 32;

    private static readonly string[] OptimizerGroups = ["optimizer_weights", "optimizer"];

    private static readonly string[] LayerRoots = ["layers", "_layer_checkpoint_dependencies"];

    // Attributes that say how the file came about.
    private static readonly string[] Facts = ["keras_version", "backend", Configuration];

    private readonly Hdf5File _file;
    private readonly ByteSource _source;

    // Members are links, which may lead to a group around.
    private readonly HashSet<long> _seen = [];

    private KerasReader(Hdf5File file)
    {
        _file = file;
        _source = file.CreateSource();
    }

    public static WeightContents Read(ZipDirectory archive, ZipEntry weights)
    {
        byte[]? bytes = weights.IsDeflated ? archive.ReadAll(weights, Array.MaxLength) : null;
        var contents = Read(archive.File, () => bytes is null ? archive.OpenStored(weights)! : new MemoryStream(bytes, writable: false));
        if (archive.Find(ConfigurationEntry) is not { } entry) return contents;
        string configuration = Encoding.UTF8.GetString(archive.ReadAll(entry, MaxConfigurationBytes));
        return contents with { Metadata = contents.Metadata.SetItem(Configuration, configuration) };
    }

    public static WeightContents Read(InputFile file, Func<Stream> open)
    {
        var hdf5 = Hdf5File.Open(open, file.Path, file.Length);
        return new KerasReader(hdf5).Read(file);
    }

    private WeightContents Read(InputFile file)
    {
        var children = Hdf5Links.Read(_file.Root, _source);
        long inner = children.Find(child => child.Name == "model_weights").Address;
        var weights = inner == 0 ? _file.Root : Hdf5Object.Read(_file, _source, inner);
        var datasets = children.Exists(child => LayerRoots.Contains(child.Name)) ? Walk(_file.Root) : ReadLayers(weights);
        var tensors = datasets.Select(dataset => Hdf5Dataset.Describe(dataset.Dataset, _source, dataset.Name)).OfType<SourceTensor>()
            .ToImmutableArray();
        if (tensors.IsEmpty) throw WeightErrors.Unusable(file.Path, "it is an HDF5 file without Keras's weights",
            "save model.save_weights()");
        return new WeightContents(WeightFormat.Keras, tensors, file, file.Length) { Metadata = ReadFacts(weights) };
    }

    private ImmutableDictionary<string, string> ReadFacts(Hdf5Object weights)
    {
        var facts = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string name in Facts)
        {
            if ((Hdf5Texts.Find(_file.Root, _source, name) ?? Hdf5Texts.Find(weights, _source, name)) is [var text]) facts[name] = text;
        }

        return facts.ToImmutable();
    }

    private List<(string Name, Hdf5Object Dataset)> ReadLayers(Hdf5Object weights)
    {
        var groups = Hdf5Links.Read(weights, _source).Where(link => !OptimizerGroups.Contains(link.Name)).ToList();
        var names = new KerasNames();
        foreach (string layer in FindNames(weights, "layer_names") ?? [.. groups.Select(link => link.Name)])
        {
            int place = groups.FindIndex(link => link.Name == layer);
            if (place < 0) throw _file.Damaged($"it lacks the layer {OneLine.Quote(layer)} that it names");
            var group = Hdf5Object.Read(_file, _source, groups[place].Address);
            groups.RemoveAt(place);
            var datasets = Walk(group);
            if (FindNames(group, "weight_names") is { } order) datasets = Order(layer, datasets, order);
            names.Add(layer, datasets);
        }

        return names.Resolve();
    }

    private List<(string Name, Hdf5Object Dataset)> Order(string layer, List<(string Name, Hdf5Object Dataset)> datasets, string[] order)
    {
        var byName = new Dictionary<string, Hdf5Object>(StringComparer.Ordinal);
        foreach (var (name, dataset) in datasets) byName[name] = dataset;
        return [.. order.Select(name => byName.TryGetValue(name, out var dataset)
            ? (name, dataset)
            : throw _file.Damaged($"its layer {OneLine.Quote(layer)} lacks the weight {OneLine.Quote(name)} that it names"))];
    }

    // Attributes have at most 64 KiB; Keras splits longer ones into name0, name1, …
    private string[]? FindNames(Hdf5Object group, string attribute)
    {
        if (Hdf5Texts.Find(group, _source, attribute) is { } names) return names;
        var all = new List<string>();
        for (int i = 0; Hdf5Texts.Find(group, _source,
            string.Create(CultureInfo.InvariantCulture, $"{attribute}{i}")) is { } part; i++) all.AddRange(part);
        return all.Count > 0 ? [.. all] : null;
    }

    // All datasets below a group by their path from it, depth first in the order of the file.
    private List<(string Name, Hdf5Object Dataset)> Walk(Hdf5Object top)
    {
        var found = new List<(string Name, Hdf5Object Dataset)>();
        var waiting = new Stack<(string Path, int Depth, long Address)>();
        _seen.Add(top.Address);
        PushMembers("", 0, top);
        while (waiting.TryPop(out var next))
        {
            var member = Hdf5Object.Read(_file, _source, next.Address);
            if (member.IsDataset)
                found.Add((next.Path, member));
            else if (_seen.Add(next.Address))
                PushMembers($"{next.Path}/", next.Depth, member);
            if (found.Count > WeightFile.MaxTensors) throw _file.Damaged($"it has over {WeightFile.MaxTensors} datasets");
        }

        return found;

        void PushMembers(string prefix, int depth, Hdf5Object group)
        {
            if (depth > MaxDepth) throw _file.Damaged($"its groups are nested more than {MaxDepth} deep");
            var links = Hdf5Links.Read(group, _source);
            for (int i = links.Count - 1; i >= 0; i--)
                if (depth > 0 || group != _file.Root
                    || !OptimizerGroups.Contains(links[i].Name)) waiting.Push(($"{prefix}{links[i].Name}", depth + 1, links[i].Address));
        }
    }
}
