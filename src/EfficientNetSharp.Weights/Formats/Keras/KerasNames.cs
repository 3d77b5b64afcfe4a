using EfficientNetSharp.Weights.Formats.Hdf5;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>
/// Makes <c>&lt;layer&gt;/&lt;weight&gt;</c> of Keras 2's names. There, a layer's group has its weights by the name of their
/// variable, which starts with the layer's name again and ends with <c>:0</c>; a model within a model is one group, and the
/// variables in it start with the inner layers' names.
/// </summary>
internal sealed class KerasNames
{
    private readonly List<(string Layer, string Name, Hdf5Object Dataset)> _weights = [];

    /// <summary>Adds the weights of a group, in order.</summary>
    public void Add(string layer, List<(string Name, Hdf5Object Dataset)> weights)
    {
        string[][] paths = [.. weights.Select(weight => Split(layer, weight.Name))];
        // One scope is a layer's own, by whatever name it was built; several are the layers of an inner model.
        bool isLayer = paths.Select(path => string.Join('/', path[..^1])).Distinct(StringComparer.Ordinal).Count() == 1;
        for (int i = 0; i < paths.Length; i++)
            _weights.Add((layer, isLayer || paths[i].Length == 1 ? $"{layer}/{paths[i][^1]}" : string.Join('/', paths[i]),
                weights[i].Dataset));
    }

    /// <summary>The weights by name; two inner models with layers of one name keep their own names in front.</summary>
    public List<(string Name, Hdf5Object Dataset)> Resolve()
    {
        var twice = _weights.GroupBy(weight => weight.Name, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. _weights.Select(
            weight => (twice.Contains(weight.Name) ? $"{weight.Layer}/{weight.Name}" : weight.Name, weight.Dataset))];
    }

    private static string[] Split(string layer, string weight)
    {
        var parts = weight.Split('/').ToList();
        parts[^1] = parts[^1].EndsWith(":0", StringComparison.Ordinal) ? parts[^1][..^2] : parts[^1];
        while (parts.Count > 1 && parts[0] == layer) parts.RemoveAt(0);
        return [.. parts];
    }
}
