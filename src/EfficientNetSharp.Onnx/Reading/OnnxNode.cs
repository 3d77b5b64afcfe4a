using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Onnx.Schema;
using static EfficientNetSharp.Onnx.Schema.AttributeProto.Types;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>A node of a file with its attributes by name, and the words to refuse it with.</summary>
internal sealed class OnnxNode
{
    // Longer than any name that a program makes up of its modules.
    private const int MaxName = 200;

    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);

    public OnnxNode(NodeProto proto, int index, int opset)
    {
        (Proto, Opset) = (proto, opset);
        Name = OneLine.Clean(proto.Name.Length > 0 ? proto.Name : $"{proto.OpType}_{index}", MaxName);
        foreach (var attribute in proto.Attribute) _attributes[attribute.Name] = attribute;
    }

    public NodeProto Proto { get; }

    /// <summary>The version of the operator set that the node's meaning is of.</summary>
    public int Opset { get; }

    public string Type => Proto.OpType;

    /// <summary>The node's name, fit for a message; its type and place where it has none.</summary>
    public string Name { get; }

    public int InputCount => Proto.Input.Count;

    /// <summary>Whether an input is named; optional ones in between have an empty name.</summary>
    public bool HasInput(int index) => index < Proto.Input.Count && Proto.Input[index].Length > 0;

    public bool Has(string name) => _attributes.ContainsKey(name);

    public long Integer(string name, long otherwise) => Get(name, AttributeType.Int)?.I ?? otherwise;

    public float Number(string name, float otherwise) => Get(name, AttributeType.Float)?.F ?? otherwise;

    public string Text(string name, string otherwise) => Get(name, AttributeType.String)?.S.ToStringUtf8() ?? otherwise;

    public ImmutableArray<long>? Integers(string name) => Get(name, AttributeType.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public ImmutableArray<float>? Numbers(string name) => Get(name, AttributeType.Floats) is { } attribute ? [.. attribute.Floats] : null;

    public TensorProto? Tensor(string name) => Get(name, AttributeType.Tensor)?.T;

    /// <summary>The exception that says what of this node is not read here, though other programs may run it.</summary>
    public InvalidInputException Refuse(string expected, string found) =>
        new($"{Expectation(expected, found)}; run this file with ONNX Runtime instead.") { UnsupportedOperator = OneLine.Clean(Type) };

    /// <summary>The exception that says why this node is damaged, or asks for more than any network has a use for.</summary>
    public InvalidInputException Invalid(string expected, string found) => new($"{Expectation(expected, found)}; export it again.");

    private string Expectation(string expected, string found) =>
        $"the {OneLine.Clean(Type)} node {OneLine.Quote(Name)} is expected to have {expected}, found {found}";

    // Before version 2 of the format attributes had no type; such files are older than any operator read here.
    private AttributeProto? Get(string name, AttributeType type)
    {
        if (!_attributes.TryGetValue(name, out var attribute)) return null;
        return attribute.Type == type ? attribute : throw Invalid($"the attribute '{name}' as {type}", $"{attribute.Type}");
    }
}
