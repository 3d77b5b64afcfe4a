using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>What each name in the file stands for: a constant, decoded when it is first taken, or a value of the network.</summary>
internal sealed class ValueTable
{
    private readonly TensorDecoder _decoder;
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Constant> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Feature> _features = new(StringComparer.Ordinal);

    public ValueTable(GraphProto graph, TensorDecoder decoder)
    {
        _decoder = decoder;
        foreach (var tensor in graph.Initializer) _initializers[tensor.Name] = tensor;
    }

    public bool IsInitializer(string name) => _initializers.ContainsKey(name);

    public void Set(string name, Feature feature) => _features[name] = feature;

    public void Set(string name, Constant constant) => _constants[name] = constant;

    public Constant Decode(TensorProto tensor) => _decoder.Decode(tensor);

    public Constant? TryConstant(string name)
    {
        if (_constants.TryGetValue(name, out var constant)) return constant;
        if (!_initializers.TryGetValue(name, out var tensor)) return null;
        return _constants[name] = _decoder.Decode(tensor);
    }

    public Feature? TryFeature(string name) => _features.GetValueOrDefault(name);

    /// <summary>An input that has to be a value of the network, in floats.</summary>
    public Feature Feature(OnnxNode node, int index) => FeatureOfAnyType(node, index) is { IsIntegers: false } feature
        ? feature
        : throw node.Refuse($"floats as input {index}", "integers; put a DequantizeLinear before it");

    /// <summary>An input that has to be a value of the network, in floats or between a QuantizeLinear and its DequantizeLinear.</summary>
    /// <param name="node">Who takes it.</param>
    /// <param name="index">The input.</param>
    /// <param name="takesSoftmax">Whether a softmax, which is left out, may stand before the node.</param>
    public Feature FeatureOfAnyType(OnnxNode node, int index, bool takesSoftmax = false)
    {
        string name = Name(node, index);
        if (TryFeature(name) is not { } feature) throw node.Refuse($"a value of the network as input {index}",
            $"{OneLine.Quote(name)}, a constant or a second result");
        if (feature.IsCut) throw node.Refuse("channels, rows and columns on axes of their own", $"{feature.Describe()}, which is cut otherwise");
        return feature.IsSoftmax && !takesSoftmax ? throw node.Refuse("no softmax before it", "one") : feature;
    }

    /// <summary>An input that has to be a value of the network, whose axes may be cut.</summary>
    public Feature FeatureInGroups(OnnxNode node, int index) =>
        TryFeature(Name(node, index)) is { IsCut: true, IsSoftmax: false } cut ? cut : FeatureOfAnyType(node, index);

    /// <summary>An input that has to be known.</summary>
    public Constant Constant(OnnxNode node, int index)
    {
        string name = Name(node, index);
        return TryConstant(name) ?? throw node.Refuse($"a constant as input {index}", $"{OneLine.Quote(name)}, which depends on the image");
    }

    public Constant? OptionalConstant(OnnxNode node, int index) => node.HasInput(index) ? Constant(node, index) : null;

    /// <summary>A known vector of floats, one per channel.</summary>
    public WeightTensor Vector(OnnxNode node, int index, int length)
    {
        var constant = Floats(node, index);
        return constant.Count == length
            ? new WeightTensor([length], constant.Floats!)
            : throw node.Refuse($"{length} values as input {index}", constant.DimsText);
    }

    public Constant Floats(OnnxNode node, int index)
    {
        var constant = Constant(node, index);
        return constant.Floats is not null ? constant : throw node.Refuse($"floats as input {index}", "whole numbers");
    }

    /// <summary>
    /// What a layer is called: by its kernel where that is <c>….weight</c>, as PyTorch and this library write, else by its node.
    /// </summary>
    public string LayerName(OnnxNode node, int weightInput)
    {
        // The second is what ONNX Runtime's quantizer makes of a kernel's name.
        const string Suffix = ".weight", Dequantized = "_DequantizeLinear_Output";
        string name = Name(node, weightInput);
        bool isKernel = IsInitializer(name) || TryConstant(name)?.Origin is not null;
        if (name.EndsWith(Dequantized, StringComparison.Ordinal)) name = name[..^Dequantized.Length];
        return isKernel && name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length
            ? name[..^Suffix.Length] : node.Name;
    }

    private static string Name(OnnxNode node, int index) => node.HasInput(index)
        ? node.Proto.Input[index]
        : throw node.Refuse($"an input {index}", $"{node.InputCount} inputs");
}
