using EfficientNetSharp.Files;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Onnx.Writing;
using static EfficientNetSharp.Onnx.Writing.Protos;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Spells out operators that compute with integers themselves (QLinearConv and its kin) as the operator with floats between
/// DequantizeLinear and QuantizeLinear, which mean the same, so that there is one way to read both.
/// </summary>
internal sealed class IntegerOperators
{
    private readonly UniqueNames _names = new();
    private readonly List<NodeProto> _nodes = [];

    private IntegerOperators(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            foreach (string name in node.Input.Concat(node.Output)) _names.Take(name);
        }
    }

    /// <summary>Replaces such nodes of a graph.</summary>
    public static void SpellOut(GraphProto graph)
    {
        if (!graph.Node.Any(node => PlainTypeOf(node) is not null)) return;
        var operators = new IntegerOperators(graph);
        foreach (var node in graph.Node)
        {
            if (PlainTypeOf(node) is { } plain) operators.SpellOut(node, plain);
            else operators._nodes.Add(node);
        }

        graph.Node.Clear();
        graph.Node.Add(operators._nodes);
    }

    private static string? PlainTypeOf(NodeProto node) => (node.Domain, node.OpType) switch
    {
        ("" or "ai.onnx", "QLinearConv") => "Conv",
        ("" or "ai.onnx", "QLinearMatMul") => "MatMul",
        (QuantizationWriter.MicrosoftDomain, "QLinearAdd") => "Add",
        (QuantizationWriter.MicrosoftDomain, "QLinearMul") => "Mul",
        (QuantizationWriter.MicrosoftDomain, "QLinearSigmoid") => "Sigmoid",
        (QuantizationWriter.MicrosoftDomain, "QLinearGlobalAveragePool") => "GlobalAveragePool",
        (QuantizationWriter.MicrosoftDomain, "QLinearAveragePool") => "AveragePool",
        (QuantizationWriter.MicrosoftDomain, "QLinearSoftmax") => "Softmax",
        (QuantizationWriter.MicrosoftDomain, "QGemm") => "Gemm",
        _ => null,
    };

    private void SpellOut(NodeProto node, string plain)
    {
        bool isPair = plain is "Conv" or "MatMul" or "Add" or "Mul" or "Gemm";
        int outputAt = isPair ? plain == "Gemm" ? 7 : 6 : 3, required = plain is "Gemm" ? 6 : outputAt + (plain == "Softmax" ? 1 : 2);
        if (node.Input.Count < required) throw Refuse(node, $"at least {required} inputs", $"{node.Input.Count}");
        if (node.Attribute.Any(attribute => attribute.Name == "channels_last" && attribute.I != 0))
            throw Refuse(node, "channels as its second axis", "channels last");

        var result = new NodeProto { OpType = plain, Name = node.Name };
        foreach (var attribute in node.Attribute.Where(attribute => attribute.Name is not ("channels_last" or "opset"))) result.Attribute.Add(attribute);
        result.Input.Add(Dequantize(node, 0, axis: null));
        // A kernel's scales are along its output channels.
        bool isTransposed = node.Attribute.Any(attribute => attribute.Name == "transB" && attribute.I != 0);
        if (isPair) result.Input.Add(Dequantize(node, 3, axis: plain == "Conv" || isTransposed ? 0 : plain is "MatMul" or "Gemm" ? 1 : null));
        int biasAt = plain == "Conv" ? 8 : plain == "Gemm" ? 6 : int.MaxValue;
        if (Has(node, biasAt)) result.Input.Add(DequantizeBias(node, biasAt));

        bool yieldsIntegers = Has(node, outputAt);
        string output = node.Output.Count > 0 ? node.Output[0] : "";
        result.Output.Add(yieldsIntegers ? _names.Claim($"{output}.exact") : output);
        _nodes.Add(result);
        if (!yieldsIntegers) return;
        _nodes.Add(new NodeProto
        {
            OpType = "QuantizeLinear",
            Name = $"{node.Name}.quantize",
            Input = { result.Output[0], node.Input[outputAt], Has(node, outputAt + 1) ? node.Input[outputAt + 1] : "" },
            Output = { output },
        });
    }

    // Value, scale and zero point one after another.
    private string Dequantize(NodeProto node, int input, int? axis)
    {
        string result = _names.Claim($"{node.Input[input]}.dequantized");
        var made = new NodeProto
        {
            OpType = "DequantizeLinear",
            Name = $"{node.Name}.dequantize{input}",
            Input = { node.Input[input], node.Input[input + 1], Has(node, input + 2) ? node.Input[input + 2] : "" },
            Output = { result },
        };
        if (axis is { } of) made.Attribute.Add(Integer("axis", of));
        _nodes.Add(made);
        return result;
    }

    // Its step is the product of the two scales, and for Gemm of its factor, too.
    private string DequantizeBias(NodeProto node, int input)
    {
        string scale = _names.Claim($"{node.Input[input]}.scale"), result = _names.Claim($"{node.Input[input]}.dequantized");
        _nodes.Add(new NodeProto { OpType = "Mul", Name = scale, Input = { node.Input[1], node.Input[4] }, Output = { scale } });
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "alpha") is { } alpha && alpha.F != 1)
            throw Refuse(node, "an alpha of 1", NumberText.Of(alpha.F));
        _nodes.Add(new NodeProto
        {
            OpType = "DequantizeLinear",
            Name = $"{node.Name}.bias",
            Input = { node.Input[input], scale },
            Output = { result },
            Attribute = { Integer("axis", 0) },
        });
        return result;
    }

    private static bool Has(NodeProto node, int input) => input < node.Input.Count && node.Input[input].Length > 0;

    private static InvalidInputException Refuse(NodeProto node, string expected, string found) => new(
        $"the {OneLine.Clean(node.OpType)} node {OneLine.Quote(node.Name)} is expected to have {expected}, found {found}; run this file with ONNX Runtime instead.")
    {
        UnsupportedOperator = OneLine.Clean(node.OpType),
    };
}
