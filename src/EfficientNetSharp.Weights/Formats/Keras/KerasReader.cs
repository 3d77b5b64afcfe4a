using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Weights.Formats.Zip;
using PureHDF;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>
/// Reads Keras's weights: the HDF5 layout of Keras 2 (a group a layer, with the attributes <c>layer_names</c> and
/// <c>weight_names</c>) and that of Keras 3 (<c>layers/&lt;name&gt;/vars/0</c>, …), alone or in a <c>.keras</c> archive.
/// </summary>
/// <remarks>
/// Keras 2's tensors come as <c>&lt;layer&gt;/&lt;weight&gt;</c>, see <see cref="KerasNames"/>; Keras 3's by their path. An
/// optimizer's are left out.
/// </remarks>
internal static class KerasReader
{
    /// <summary>The weights in a <c>.keras</c> archive.</summary>
    public const string WeightsEntry = "model.weights.h5";

    // Keras's deepest nesting of models is a handful.
    private const int MostDepth = 32;

    private static readonly string[] OptimizerGroups = ["optimizer_weights", "optimizer"];

    private static readonly string[] LayerRoots = ["layers", "_layer_checkpoint_dependencies"];

    // Attributes that say how the file came about.
    private static readonly string[] Facts = ["keras_version", "backend", "model_config"];

    public static WeightContents Read(ZipDirectory archive, ZipEntry weights) =>
        Read(archive.File, archive.OpenStored(weights) ?? (Stream)new MemoryStream(archive.ReadAll(weights, Array.MaxLength)));

    public static WeightContents Read(InputFile file, Stream stream)
    {
        var hdf5 = Hdf5File.Open(file, stream);
        var children = hdf5.GetChildren(hdf5.Root);
        var inner = children.OfType<IH5Group>().FirstOrDefault(group => group.Name == "model_weights");
        var datasets = children.Any(child => LayerRoots.Contains(child.Name))
            ? Walk(hdf5, hdf5.Root, skip: OptimizerGroups)
            : ReadLayers(hdf5, inner ?? hdf5.Root);
        var tensors = datasets.Select(dataset => hdf5.Describe(dataset.Name, dataset.Dataset)).OfType<SourceTensor>().ToImmutableArray();
        if (tensors.IsEmpty) throw WeightFault.Unusable(file.Path, "it is an HDF5 file without Keras's weights", "save model.save_weights()");
        return new WeightContents(WeightFormat.Keras, tensors, hdf5) { Metadata = ReadFacts(hdf5, inner) };
    }

    private static ImmutableDictionary<string, string> ReadFacts(Hdf5File file, IH5Group? inner)
    {
        var facts = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string name in Facts)
        {
            string[]? texts = file.FindTexts(file.Root, name) ?? (inner is null ? null : file.FindTexts(inner, name));
            if (texts is [var text]) facts[name] = text;
        }

        return facts.ToImmutable();
    }

    private static List<(string Name, IH5Dataset Dataset)> ReadLayers(Hdf5File file, IH5Group weights)
    {
        var groups = file.GetChildren(weights).OfType<IH5Group>().Where(group => !OptimizerGroups.Contains(group.Name)).ToDictionary(group => group.Name, StringComparer.Ordinal);
        var names = new KerasNames();
        foreach (string layer in FindNames(file, weights, "layer_names") ?? [.. groups.Keys])
        {
            if (!groups.Remove(layer, out var group)) throw WeightFault.Damaged(file.Path, $"it lacks the layer {OneLine.Quote(layer)} that it names");
            var datasets = Walk(file, group, skip: []);
            if (FindNames(file, group, "weight_names") is { } order) datasets = Order(file, layer, datasets, order);
            names.Add(layer, datasets);
        }

        return names.Resolve();
    }

    private static List<(string Name, IH5Dataset Dataset)> Order(Hdf5File file, string layer, List<(string Name, IH5Dataset Dataset)> datasets, string[] order)
    {
        var byName = datasets.ToDictionary(dataset => dataset.Name, dataset => dataset.Dataset, StringComparer.Ordinal);
        return [.. order.Select(name => byName.TryGetValue(name, out var dataset)
            ? (name, dataset)
            : throw WeightFault.Damaged(file.Path, $"its layer {OneLine.Quote(layer)} lacks the weight {OneLine.Quote(name)} that it names"))];
    }

    // Attributes have at most 64 KiB; Keras splits longer ones into name0, name1, …
    private static string[]? FindNames(Hdf5File file, IH5Group group, string attribute)
    {
        if (file.FindTexts(group, attribute) is { } names) return names;
        var all = new List<string>();
        for (int i = 0; file.FindTexts(group, string.Create(CultureInfo.InvariantCulture, $"{attribute}{i}")) is { } part; i++) all.AddRange(part);
        return all.Count > 0 ? [.. all] : null;
    }

    // All datasets below a group by their path from it, depth first in the order of the file.
    private static List<(string Name, IH5Dataset Dataset)> Walk(Hdf5File file, IH5Group top, string[] skip)
    {
        var found = new List<(string Name, IH5Dataset Dataset)>();
        var waiting = new Stack<(string Path, int Depth, IH5Object Object)>();
        PushChildren("", 0, top);
        int objects = 0;
        while (waiting.TryPop(out var next))
        {
            if (++objects > WeightFile.MostTensors) throw WeightFault.Damaged(file.Path, $"it has over {WeightFile.MostTensors} groups and datasets");
            if (next.Object is IH5Dataset dataset) found.Add((next.Path, dataset));
            if (next.Object is not IH5Group group) continue;
            // Groups can hold themselves.
            if (next.Depth > MostDepth) throw WeightFault.Damaged(file.Path, $"its groups are nested more than {MostDepth} deep");
            PushChildren($"{next.Path}/", next.Depth, group);
        }

        return found;

        void PushChildren(string prefix, int depth, IH5Group group)
        {
            foreach (var child in file.GetChildren(group).Reverse())
                if (depth > 0 || !skip.Contains(child.Name)) waiting.Push(($"{prefix}{child.Name}", depth + 1, child));
        }
    }
}
