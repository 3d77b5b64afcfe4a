using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>A <c>NodeProto</c> of onnx.proto, with the attributes that matter for weights.</summary>
internal sealed class OnnxNode
{
    // Operators of networks have up to a few dozen inputs.
    private const int MaxEdges = 10_000;

    private OnnxNode()
    {
    }

    public string Operator { get; private set; } = "";

    public string Name { get; private set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public long Groups { get; private set; } = 1;

    public float Epsilon { get; private set; } = 1e-5f;

    public bool TransposeB { get; private set; }

    /// <summary>The tensor that a <c>Constant</c> stands for.</summary>
    public OnnxTensor? Value { get; private set; }

    public static OnnxNode Parse(ByteSource source, ProtoField message)
    {
        var node = new OnnxNode();
        foreach (var field in ProtoReader.ReadFields(source, message.Start, message.Length))
        {
            switch (field.Number)
            {
                case 1: node.Inputs.Add(ProtoReader.ReadText(source, field)); break;
                case 2: node.Outputs.Add(ProtoReader.ReadText(source, field)); break;
                case 3: node.Name = ProtoReader.ReadText(source, field); break;
                case 4: node.Operator = ProtoReader.ReadText(source, field); break;
                case 5 when field.IsDelimited: node.TakeAttribute(source, field); break;
            }

            if (node.Inputs.Count + node.Outputs.Count > MaxEdges)
                throw WeightErrors.Damaged(source.Path, $"a node of it has over {MaxEdges} inputs and outputs");
        }

        return node;
    }

    // AttributeProto: 1 name, 2 float, 3 integer, 5 tensor.
    private void TakeAttribute(ByteSource source, ProtoField message)
    {
        string name = "";
        ProtoField number = default, integer = default;
        ProtoField? tensor = null;
        foreach (var field in ProtoReader.ReadFields(source, message.Start, message.Length))
        {
            switch (field.Number)
            {
                case 1: name = ProtoReader.ReadText(source, field); break;
                case 2: number = field; break;
                case 3: integer = field; break;
                case 5 when field.IsDelimited: tensor = field; break;
            }
        }

        switch (name)
        {
            case "group": Groups = (long)integer.Value; break;
            case "epsilon": Epsilon = number.AsFloat(); break;
            case "transB": TransposeB = integer.Value != 0; break;
            case "value" when tensor is { } value: Value = OnnxTensor.Parse(source, value); break;
        }
    }
}
