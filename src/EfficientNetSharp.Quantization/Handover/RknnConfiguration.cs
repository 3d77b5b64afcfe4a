using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Quantization.Handover;

/// <summary>
/// A plan as RKNN-Toolkit 1.7's file of hybrid quantization has it (YAML): which method each layer has, and the range, scale and zero of
/// each tensor. Keys are the toolkit's, <c>@{operator}_{ONNX node}:weight|bias|out0</c>, but for the number of the layer behind them, which
/// it draws when it reads the network; the driver script finds it.
/// </summary>
internal sealed class RknnConfiguration
{
    private readonly Graph _graph;
    private readonly QuantizationPlan _plan;
    private readonly StringBuilder _text = new();

    private RknnConfiguration(Graph graph, QuantizationPlan plan) => (_graph, _plan) = (graph, plan);

    /// <summary>The method of most layers, in the toolkit's word.</summary>
    public static string MainMethod(Graph graph, QuantizationPlan plan) => graph.Nodes.Where(RknnRules.IsLayer)
        .GroupBy(node => RknnRules.MethodOf(plan, node)).Where(group => group.Key != "float32").OrderByDescending(group => group.Count())
        .Select(group => group.Key).FirstOrDefault() ?? "float32";

    /// <summary>Writes the file's text.</summary>
    public static string Write(Graph graph, QuantizationPlan plan) => new RknnConfiguration(graph, plan).Write();

    private string Write()
    {
        _text.Append("%YAML 1.2\n---\n# Ranges and types by EfficientNetSharp; convert.py puts them into the file that step 1 makes.\n");
        string main = MainMethod(_graph, _plan);
        var others = _graph.Nodes.Where(RknnRules.IsLayer)
            .SelectMany(node => LayersOf(node).Select(layer => (Layer: layer, Method: RknnRules.MethodOf(_plan, node))))
            .Where(entry => entry.Method != main).ToImmutableArray();
        _text.Append(others.IsEmpty ? "customized_quantize_layers: {}\n" : "customized_quantize_layers:\n");
        foreach (var (layer, method) in others) _text.Append($"    {Quoted(layer)}: {method}\n");
        _text.Append("quantize_parameters:\n");
        if (_plan.Of(_graph.Input) is { } image) Value("input", image);
        foreach (var node in _graph.Nodes.Where(RknnRules.IsLayer)) Layer(node);
        return _text.ToString();
    }

    /// <summary>The layers that an operator is in ONNX, the one that yields its value last.</summary>
    private static ImmutableArray<string> LayersOf(Node node) => node.Operator switch
    {
        Activation { Kind: ActivationKind.Silu } => [$"Sigmoid_{node.Name}.sigmoid", $"Mul_{node.Name}"],
        Activation { Kind: ActivationKind.HardSwish } => [$"HardSigmoid_{node.Name}.hard_sigmoid", $"Mul_{node.Name}"],
        _ => [$"{OperatorOf(node)}_{node.Name}"],
    };

    private static string OperatorOf(Node node) => node.Operator switch
    {
        Convolution => "Conv",
        Linear => "Gemm",
        Add => "Add",
        Gate => "Mul",
        GlobalAveragePool => "GlobalAveragePool",
        MaxPool => "MaxPool",
        BatchNormalization => "BatchNormalization",
        PRelu => "PRelu",
        Activation { Kind: ActivationKind.Relu } => "Relu",
        Activation { Kind: ActivationKind.Relu6 } => "Clip",
        Activation { Kind: ActivationKind.Sigmoid } => "Sigmoid",
        Activation { Kind: ActivationKind.HardSigmoid } => "HardSigmoid",
        _ => node.Operator.GetType().Name,
    };

    private void Layer(Node node)
    {
        var layers = LayersOf(node);
        if (_plan.Of(node) is not { } own) return;
        if (_plan.OfKernel(node) is { } kernel)
        {
            Kernel(layers[0], kernel);
            if (node.Parameters.Any(parameter => parameter.Role == ParameterRole.Bias) && _plan.ComputesInIntegers(_graph, node))
                Bias(layers[0], _plan.Of(_graph.Nodes[node.Inputs[0]])!, kernel);
        }

        // A sigmoid's values are from 0 to 1, whatever the images.
        if (layers.Length > 1) Value(layers[0], own.Sigmoid ?? UnitOf(own.Type));
        Value(layers[^1], own);
    }

    private static ValueQuantization UnitOf(ElementType type) => type switch
    {
        ElementType.U8 => new ValueQuantization(type, 1f / 256),
        ElementType.I8 => new ValueQuantization(type, 1f / 128),
        _ => new ValueQuantization(type, 1f / 32768),
    };

    private void Value(string layer, ValueQuantization value) => Entry(
        layer, "out0", value.Type, value.Scale, value.ZeroPoint, (value.Min(IntegerArithmetic.Rknn), value.Max(IntegerArithmetic.Rknn)));

    private void Kernel(string layer, ParameterQuantization kernel)
    {
        var (min, max) = new ValueQuantization(kernel.Type, 1, kernel.ZeroPoint).Bounds(IntegerArithmetic.Rknn);
        float scale = kernel.Scales[0];
        Entry(layer, "weight", kernel.Type, scale, kernel.ZeroPoint, (scale * (min - kernel.ZeroPoint), scale * (max - kernel.ZeroPoint)));
    }

    // int64 beside 16-bit values, whose sums need it (user guide 3.2).
    private void Bias(string layer, ValueQuantization input, ParameterQuantization kernel) => Entry(
        layer, "bias", input.Type == ElementType.I16 ? ElementType.I64 : ElementType.I32, input.Scale * kernel.Scales[0], 0, null,
        isFixedPoint: kernel.Type != ElementType.U8);

    private void Entry(
        string layer, string tensor, ElementType type, float scale, int zeroPoint, (float Min, float Max)? range, bool? isFixedPoint = null)
    {
        bool isDfp = isFixedPoint ?? type != ElementType.U8;
        _text.Append(CultureInfo.InvariantCulture, $"    {Quoted($"@{layer}:{tensor}")}:\n")
            .Append(CultureInfo.InvariantCulture, $"        dtype: {(isDfp ? "dynamic_fixed_point" : "asymmetric_affine")}\n")
            .Append("        method: layer\n")
            .Append(CultureInfo.InvariantCulture, $"        max_value: [{(range is { } max ? $" {NumberText.Of(max.Max)} " : "")}]\n")
            .Append(CultureInfo.InvariantCulture, $"        min_value: [{(range is { } min ? $" {NumberText.Of(min.Min)} " : "")}]\n")
            .Append(CultureInfo.InvariantCulture, $"        zero_point: [ {zeroPoint} ]\n")
            .Append(isDfp
                ? string.Create(CultureInfo.InvariantCulture, $"        fl: [ {-Math.ILogB(scale)} ]\n")
                : string.Create(CultureInfo.InvariantCulture, $"        scale: [ {NumberText.Of(scale)} ]\n"))
            .Append(CultureInfo.InvariantCulture, $"        qtype: {(type switch { ElementType.U8 => "u8", ElementType.I8 => "i8", ElementType.I16 => "i16", ElementType.I32 => "i32", _ => "i64" })}\n");
    }

    // As the toolkit quotes its own keys; what acts in a text goes by its code.
    private static string Quoted(string text) => text.Any(char.IsControl)
        ? $"\"{JsonEncodedText.Encode(text)}\"" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
