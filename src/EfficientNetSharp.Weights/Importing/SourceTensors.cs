using System.Collections.Immutable;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>A file's tensors by name, and which of them were asked for.</summary>
internal sealed class SourceTensors(ImmutableArray<SourceTensor> tensors)
{
    private readonly Dictionary<string, SourceTensor> _tensors = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The names.</summary>
    public IReadOnlySet<string> Names { get; } = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The shape of a tensor; <see langword="null"/> where there is none of the name.</summary>
    public ImmutableArray<int>? ShapeOf(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor.Shape : null;

    /// <summary>Whether there is a tensor of the name that fits.</summary>
    public bool Has(MappedParameter mapped) => _tensors.TryGetValue(mapped.SourceName, out var tensor) && mapped.Fits(tensor.Shape);

    /// <summary>Reads a tensor.</summary>
    public WeightTensor Read(string name)
    {
        _used.Add(name);
        return _tensors[name].ReadTensor();
    }

    /// <summary>Counts a tensor as asked for without reading it.</summary>
    public void Skip(string name) => _used.Add(name);

    /// <summary>The names that were not asked for, in the file's order.</summary>
    public IEnumerable<string> Unused => tensors.Select(tensor => tensor.Name).Where(name => !_used.Contains(name));
}
