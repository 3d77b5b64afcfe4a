using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>The tensors of a network by canonical name.</summary>
public sealed class WeightSet : IReadOnlyDictionary<string, WeightTensor>
{
    private readonly Dictionary<string, WeightTensor> _tensors;

    /// <summary>Takes tensors by name.</summary>
    public WeightSet(IEnumerable<KeyValuePair<string, WeightTensor>> tensors) =>
        _tensors = new Dictionary<string, WeightTensor>(tensors, StringComparer.Ordinal);

    /// <inheritdoc />
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc />
    public IEnumerable<WeightTensor> Values => _tensors.Values;

    /// <inheritdoc />
    public int Count => _tensors.Count;

    /// <inheritdoc />
    public WeightTensor this[string key] =>
        _tensors.TryGetValue(key, out var tensor) ? tensor : throw new KeyNotFoundException($"The weights have no tensor '{key}'.");

    /// <summary>The values of a parameter.</summary>
    public WeightTensor this[Parameter parameter] => this[parameter.Name];

    /// <summary>
    /// The tensors that a graph needs, without the others: a part of the network, such as its feature maps, takes its weights from
    /// the whole's. The tensors are shared, not copied.
    /// </summary>
    /// <exception cref="InvalidInputException">Tensors are missing or of another shape; the message names them.</exception>
    public WeightSet For(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var part = new WeightSet(
            graph.Parameters.Where(parameter => ContainsKey(parameter.Name))
            .Select(parameter => KeyValuePair.Create(parameter.Name, this[parameter])));
        part.EnsureFit(graph);
        return part;
    }

    /// <summary>
    /// The same weights as a file of half the size holds them: matrices and kernels in another storage, rounded to it; vectors, such as
    /// biases and a normalisation's statistics, stay as they are, since they take little room and lose most.
    /// </summary>
    /// <param name="storage">
    /// <see cref="ElementType.F16"/>, <see cref="ElementType.BF16"/>, or <see cref="ElementType.F32"/> for the whole again.
    /// </param>
    /// <exception cref="InvalidInputException">A value is too large for it; the message names the tensor.</exception>
    public WeightSet StoredAs(ElementType storage) => new(_tensors.Select(pair =>
    {
        try
        {
            return KeyValuePair.Create(pair.Key, pair.Value.Shape.Length > 1 || storage == ElementType.F32 ? pair.Value.StoredAs(storage)
                : pair.Value);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"{OneLine.Clean(pair.Key)}: {e.Message}", e);
        }
    }));

    /// <summary>Checks that each parameter of a graph is here with its shape, and nothing else.</summary>
    /// <exception cref="InvalidInputException">Tensors are missing, surplus or of another shape; the message names them.</exception>
    public void EnsureFit(Graph graph)
    {
        EnsureFit(graph, _tensors.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Shape)));
        IntegerWeights.EnsureFit(graph, name => _tensors[name].Integers?.Type);
    }

    /// <summary>The check by names and shapes alone, for tensors that are not read yet.</summary>
    /// <exception cref="InvalidInputException">As <see cref="EnsureFit(Graph)"/>.</exception>
    internal static void EnsureFit(Graph graph, IEnumerable<KeyValuePair<string, ImmutableArray<int>>> shapes)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var found = new Dictionary<string, ImmutableArray<int>>(shapes, StringComparer.Ordinal);
        var wanted = graph.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var parameter in wanted.Values)
        {
            if (!found.TryGetValue(parameter.Name, out var shape))
                errors.Add($"{parameter.Name} is missing");
            else if (!shape.SequenceEqual(parameter.Shape))
                errors.Add($"{parameter.Name} is [{string.Join(", ", shape)}], expected [{string.Join(", ", parameter.Shape)}]");
        }

        errors.AddRange(found.Keys.Where(name => !wanted.ContainsKey(name)).Select(
            name => $"{OneLine.Clean(name)} is not a tensor of this network"));
        if (errors.Count == 0) return;
        string more = errors.Count > 3 ? $" and {errors.Count - 3} more" : "";
        throw new InvalidInputException($"The weights do not fit the network: {string.Join("; ", errors.Take(3))}{more}.");
    }

    /// <inheritdoc />
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out WeightTensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, WeightTensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
