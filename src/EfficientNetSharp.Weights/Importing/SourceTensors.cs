using System.Collections.Immutable;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>A file's tensors by name.</summary>
internal sealed class SourceTensors(ImmutableArray<FiledTensor> tensors)
{
    private readonly Dictionary<string, FiledTensor> _tensors = tensors.ToDictionary(filed => filed.Tensor.Name, StringComparer.Ordinal);

    public SourceTensors(IEnumerable<SourceTensor> tensors)
        : this([.. tensors.Select(tensor => new FiledTensor(tensor, ""))])
    {
    }

    /// <summary>The names.</summary>
    public IReadOnlySet<string> Names { get; } = tensors.Select(filed => filed.Tensor.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The names in the file's order.</summary>
    public IEnumerable<string> InOrder => tensors.Select(filed => filed.Tensor.Name);

    /// <summary>The shape of a tensor; <see langword="null"/> where there is none of the name.</summary>
    public ImmutableArray<int>? ShapeOf(string name) => _tensors.TryGetValue(name, out var filed) ? filed.Tensor.Shape : null;

    /// <summary>What of a tensor's name leads to the dictionary that holds it.</summary>
    public string ScopeOf(string name) => _tensors[name].Scope;

    /// <summary>Whether there is a tensor of the name that fits.</summary>
    public bool Has(MappedParameter mapped) =>
        _tensors.TryGetValue(mapped.SourceName, out var filed) && mapped.Fits(filed.Tensor.Shape);

    /// <summary>Reads a tensor.</summary>
    public WeightTensor Read(string name) => _tensors[name].Tensor.ReadTensor();

    /// <summary>A tensor for people, such as <c>fc.weight [5, 1280]</c>.</summary>
    public string Describe(string name) => $"{Files.OneLine.Clean(name)} [{string.Join(", ", _tensors[name].Tensor.Shape)}]";
}
