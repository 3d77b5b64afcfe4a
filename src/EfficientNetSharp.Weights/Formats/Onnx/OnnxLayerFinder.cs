using System.Collections.Immutable;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>Finds the layers of a graph and the initializers that each takes.</summary>
internal sealed class OnnxLayerFinder
{
    private static readonly HashSet<string> LayerOperators = new(["Conv", "Gemm", "MatMul", "BatchNormalization", "PRelu"], StringComparer.Ordinal);

    // What a value's name stands for: an initializer, a Constant, or a copy of one.
    private readonly Dictionary<string, string> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxTensor> _constants = new(StringComparer.Ordinal);

    // Where the output of a MatMul is made, so that the Add behind it gives its bias.
    private readonly Dictionary<string, int> _products = new(StringComparer.Ordinal);
    private readonly List<OnnxLayer> _layers = [];

    public OnnxLayerFinder(IEnumerable<string> initializers)
    {
        foreach (string name in initializers) _weights[name] = name;
    }

    /// <summary>The layers in the order of the nodes, and the constants that they take, which are weights too.</summary>
    public (ImmutableArray<OnnxLayer> Layers, List<KeyValuePair<string, OnnxTensor>> Constants) Find(IEnumerable<OnnxNode> nodes)
    {
        foreach (var node in nodes) Take(node);
        var used = _layers.SelectMany(layer => layer.Weights).Distinct(StringComparer.Ordinal);
        return ([.. _layers], [.. used.Where(_constants.ContainsKey).Select(name => KeyValuePair.Create(name, _constants[name]))]);
    }

    private void Take(OnnxNode node)
    {
        string output = node.Outputs.Count > 0 ? node.Outputs[0] : "";
        switch (node.Operator)
        {
            case "Constant" when node.Value is { } value && output.Length > 0 && _weights.TryAdd(output, output):
                _constants.Add(output, value);
                break;
            // PyTorch exports equal initializers once, and the others as copies.
            case "Identity" when node.Inputs is [var copied] && _weights.TryGetValue(copied, out string? original):
                _weights.TryAdd(output, original);
                break;
            case "Add" when FindWeights(node) is [var bias] && node.Inputs.Find(_products.ContainsKey) is { } product:
                int place = _products[product];
                _layers[place] = _layers[place] with { Weights = _layers[place].Weights.Add(bias) };
                _products.Remove(product);
                break;
            case var name when LayerOperators.Contains(name) && FindWeights(node) is { IsEmpty: false } weights:
                // The product of two maps has no weights, so it is not here.
                if (name == "MatMul") _products[output] = _layers.Count;
                _layers.Add(new OnnxLayer(name, node.Name, weights) { Groups = node.Groups, Epsilon = node.Epsilon, TransposeB = node.TransposeB });
                break;
        }
    }

    private ImmutableArray<string> FindWeights(OnnxNode node) =>
        [.. node.Inputs.Select(input => _weights.GetValueOrDefault(input)).OfType<string>()];
}
