using System.Buffers.Binary;
using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using static EfficientNetSharp.Onnx.Writing.Protos;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>
/// Writes what a plan says as pairs of QuantizeLinear and DequantizeLinear: behind each value that is integers, and a DequantizeLinear
/// behind each kernel and bias that is. The operators between compute with floats, and whoever runs the file makes integers of them.
/// </summary>
internal sealed class QuantizationWriter
{
    /// <summary>The domain of ONNX Runtime's own operators, whose pairs take 16-bit integers in every operator set.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    // The operator sets from which the pairs take scales per channel, and 16-bit integers.
    private const int PerChannelOpset = 13, WideOpset = 21;

    private readonly Graph _graph;
    private readonly QuantizationPlan _plan;
    private readonly UniqueNames _names;
    private readonly GraphProto _proto;
    private readonly bool _usesMicrosoftDomain;
    private readonly ImmutableArray<int> _uses;
    private readonly Dictionary<float, string> _scales = [];
    private readonly Dictionary<(ElementType Type, int ZeroPoint), string> _zeroPoints = [];

    public QuantizationWriter(Graph graph, QuantizationPlan plan, UniqueNames names, GraphProto proto, OnnxExportOptions options)
    {
        (_graph, _plan, _names, _proto) = (graph, plan, names, proto);
        _usesMicrosoftDomain = UsesMicrosoftDomain(plan, options);
        _uses = graph.CountUses();
    }

    /// <summary>The operator set that a plan is written in where nobody names one.</summary>
    public static int OpsetFor(QuantizationPlan? plan, int otherwise) => plan is not null && IsWide(plan) ? WideOpset : otherwise;

    /// <summary>Whether a file needs the domain of ONNX Runtime's own operators.</summary>
    public static bool UsesMicrosoftDomain(QuantizationPlan? plan, OnnxExportOptions options) =>
        plan is not null && IsWide(plan) && options.OpsetFor(plan) < WideOpset;

    /// <summary>Checks that an operator set has what a plan needs.</summary>
    /// <exception cref="InvalidInputException">It has not; the message says from which one on.</exception>
    public static void EnsureStatable(QuantizationPlan plan, OnnxExportOptions options)
    {
        int opset = options.OpsetFor(plan);
        if (opset < PerChannelOpset && plan.Kernels.FirstOrDefault(kernel => kernel.Value.IsPerChannel).Key is { } perChannel)
            throw new InvalidInputException(
                $"The kernel {Files.OneLine.Quote(perChannel)} has a scale per channel, which ONNX has from operator set {PerChannelOpset} on, found {opset}; name {PerChannelOpset} or later, or quantize with one scale per tensor.");
        if (UsesMicrosoftDomain(plan, options) && !options.MicrosoftDomain)
            throw new InvalidInputException(
                $"The network has 16-bit integers, which ONNX's QuantizeLinear has from operator set {WideOpset} on, found {opset}; name {WideOpset} or later, or allow ONNX Runtime's own operators ({MicrosoftDomain}).");
    }

    /// <summary>
    /// Whether a node's value is written rounded. Before a ReLU with the same integers it need not be: rounding is monotone, so that
    /// cutting off before it and after it are the same, and programs fuse what stands together.
    /// </summary>
    public bool Rounds(Node node) => _plan.Of(node) is { } own && !IsCutOffNext(node, own);

    /// <summary>How the gate of a node is stored, where it is: where the node computes in integers.</summary>
    public ValueQuantization? GateOf(Node node) => _plan.ComputesInIntegers(_graph, node) ? _plan.Of(node)!.Sigmoid : null;

    /// <summary>Writes the pair behind a node's value.</summary>
    public void Round(Node node, string exact, string rounded) => Round(node.Name, _plan.Of(node)!, exact, rounded);

    /// <summary>Writes a pair.</summary>
    /// <param name="name">What it is called by.</param>
    /// <param name="quantization">Scale, zero point and type.</param>
    /// <param name="exact">The value before.</param>
    /// <param name="rounded">The value after.</param>
    public void Round(string name, ValueQuantization quantization, string exact, string rounded)
    {
        string integers = _names.Claim($"{name}.integers");
        string scale = Scale(quantization.Scale), zero = ZeroPoint(quantization.Type, quantization.ZeroPoint);
        _proto.Node.Add(Conversion("QuantizeLinear", $"{name}.quantize", quantization.Type, [exact, scale, zero], integers));
        _proto.Node.Add(Conversion("DequantizeLinear", $"{name}.dequantize", quantization.Type, [integers, scale, zero], rounded));
    }

    /// <summary>Writes a kernel or bias as its integers and what they stand for.</summary>
    public void AddTensor(Parameter parameter, Node node, string name, WeightTensor tensor)
    {
        var kernel = _plan.OfKernel(node)!;
        if (parameter.IsKernel)
        {
            Dequantize(name, tensor.Shape, kernel.Type, tensor.Integers!.Bytes.Span, kernel.Scales, kernel.ZeroPoint);
        }
        else if (NarrowBytes(tensor.Integers!) is { } bytes)
        {
            Dequantize(name, tensor.Shape, ElementType.I32, bytes, [.. _plan.BiasScales(_graph, node)], 0);
        }
        else
        {
            // DequantizeLinear has no int64. As floats they have 24 digits, those that the sum with a float has.
            _proto.Initializer.Add(FloatTensor(name, tensor));
        }
    }

    private static bool IsWide(QuantizationPlan plan) =>
        plan.Values.Values.Any(value => IsWide(value.Type) || (value.Sigmoid is { } sigmoid && IsWide(sigmoid.Type)))
        || plan.Kernels.Values.Any(kernel => IsWide(kernel.Type));

    private static bool IsWide(ElementType type) => type is ElementType.I16 or ElementType.U16;

    private bool IsCutOffNext(Node node, ValueQuantization own)
    {
        if (node.Operator is not (Convolution or Linear or BatchNormalization or Graphs.Add) || _uses[node.Index] != 1) return false;
        var next = _graph.Nodes.Skip(node.Index + 1).FirstOrDefault(other => other.Inputs.Contains(node.Index));
        return next?.Operator is Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 } && _plan.Of(next) == own;
    }

    private void Dequantize(
        string name, ImmutableArray<int> shape, ElementType type, ReadOnlySpan<byte> integers, ImmutableArray<float> scales, int zeroPoint)
    {
        string tensor = _names.Claim($"{name}.integers");
        _proto.Initializer.Add(IntegerTensor(tensor, shape, type, integers));
        bool isPerChannel = scales.Length > 1;
        string scale = isPerChannel ? Vector($"{name}.scales", scales) : Scale(scales[0]);
        string zero = isPerChannel ? ZeroPoints($"{name}.zero_points", type, scales.Length) : ZeroPoint(type, zeroPoint);
        var node = Conversion("DequantizeLinear", $"{name}.dequantize", type, [tensor, scale, zero], name);
        if (isPerChannel) node.Attribute.Add(Integer("axis", 0));
        _proto.Node.Add(node);
    }

    private NodeProto Conversion(string type, string name, ElementType integers, ReadOnlySpan<string> inputs, string output)
    {
        var node = new NodeProto { OpType = type, Name = name, Output = { output } };
        foreach (string input in inputs) node.Input.Add(input);
        if (_usesMicrosoftDomain && IsWide(integers)) node.Domain = MicrosoftDomain;
        return node;
    }

    // Equal numbers are one tensor, as many values have them in common.
    private string Scale(float scale)
    {
        if (_scales.TryGetValue(scale, out string? name)) return name;
        name = _names.Claim($"scale.{_scales.Count}");
        _proto.Initializer.Add(FloatTensor(name, new WeightTensor([], [scale])));
        return _scales[scale] = name;
    }

    private string ZeroPoint(ElementType type, int zeroPoint)
    {
        if (_zeroPoints.TryGetValue((type, zeroPoint), out string? name)) return name;
        name = _names.Claim($"zero_point.{type}.{zeroPoint}");
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, zeroPoint);
        _proto.Initializer.Add(IntegerTensor(name, [], type, bytes.AsSpan(0, type.BitCount() / 8)));
        return _zeroPoints[(type, zeroPoint)] = name;
    }

    private string Vector(string wish, ImmutableArray<float> values)
    {
        string name = _names.Claim(wish);
        _proto.Initializer.Add(FloatTensor(name, new WeightTensor([values.Length], [.. values])));
        return name;
    }

    private string ZeroPoints(string wish, ElementType type, int count)
    {
        string name = _names.Claim(wish);
        _proto.Initializer.Add(IntegerTensor(name, [count], type, new byte[count * (type.BitCount() / 8)]));
        return name;
    }

    // The integers as int32; null where one does not fit.
    private static byte[]? NarrowBytes(IntegerValues integers)
    {
        if (integers.Type == ElementType.I32) return integers.Bytes.ToArray();
        var bytes = new byte[integers.Length * sizeof(int)];
        for (int i = 0; i < integers.Length; i++)
        {
            if (integers[i] is < int.MinValue or > int.MaxValue) return null;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), (int)integers[i]);
        }

        return bytes;
    }
}
