using System.Buffers.Binary;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Randomness;
using Google.Protobuf;
using static EfficientNetSharp.Onnx.Tests.Reading.SmallFile;
using Type = EfficientNetSharp.Onnx.Schema.TensorProto.Types.DataType;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>
/// A small quantized network as other programs write it: a convolution with ReLU, a depthwise one with SiLU, a squeeze-excite gate, a sum,
/// a mean and a classifier, with the names that ONNX Runtime's quantizer gives.
/// </summary>
internal sealed class QuantizedFile
{
    private const int Channels = 8, Classes = 6, Side = 9;

    private readonly SmallFile _file = new(13, 1, 3, Side, Side);
    private readonly Dictionary<string, (float Scale, int Zero)> _values = [];
    private readonly Dictionary<string, string> _pairs = [];
    private SeededRandom _random = new(17, 3);

    public bool IsPerChannel { get; init; }

    public bool IsSigned { get; init; }

    public bool RoundsKernelsInFile { get; init; }

    public bool HasFloatBias { get; init; }

    public bool HasOwnPairs { get; init; }

    public bool EndsWithSoftmax { get; init; }

    /// <summary>Kernels of uint8 with this zero point; int8 with 0 where none is named.</summary>
    public int? KernelZero { get; init; }

    public string Damage { get; init; } = "";

    private Type ValueType => IsSigned ? Type.Int8 : Type.Uint8;

    private Type KernelType => KernelZero is null ? Type.Int8 : Type.Uint8;

    /// <summary>The network with a QuantizeLinear and a DequantizeLinear around each operator.</summary>
    public byte[] WithPairs()
    {
        DeclareValues();
        Layer("Conv", "x", "conv1", Channels, 3, 3, 1);
        _file.Node("Relu", "conv1_out", "relu");
        Layer("Conv", "relu", "conv2", Channels, 1, 3, Channels);
        _file.Node("Sigmoid", Rounded("conv2_out"), "sigmoid");
        _file.Node("Mul", $"{Rounded("conv2_out")} {Rounded("sigmoid")}", "silu");
        _file.Node("GlobalAveragePool", Rounded("silu"), "squeeze");
        Layer("Conv", "squeeze", "conv3", Channels, Channels, 1, 1);
        _file.Node("Sigmoid", Rounded("conv3_out"), "gate");
        _file.Node("Mul", $"{Rounded("silu")} {Rounded("gate")}", "excited");
        string first = Damage == "integers-added" ? "excited_QuantizeLinear_Output" : Rounded("excited");
        if (Damage == "integers-added") Rounded("excited");
        _file.Node("Add", $"{first} {Rounded("relu")}", "sum");
        _file.Node("GlobalAveragePool", Rounded("sum"), "mean");
        _file.Node("Flatten", Rounded("mean"), "flat", Int("axis", 1));
        Layer("Gemm", "flat", "fc", Classes, Channels, 0, 1);
        Finish(Rounded("fc_out"));
        return _file.Model.ToByteArray();
    }

    /// <summary>The same with operators on integers.</summary>
    public byte[] WithOperators()
    {
        DeclareValues();
        _file.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        _file.Node("QuantizeLinear", $"x {Parameters("x")}", "x_int");
        Operator("QLinearConv", "x", "conv1_out", "conv1", (Channels, 3, 3), Windows(3, 1));
        Operator("QLinearConv", "conv1_out", "conv2_out", "conv2", (Channels, 1, 3), Windows(3, Channels));
        Unary("QLinearSigmoid", "conv2_out", "sigmoid");
        Pair("QLinearMul", "conv2_out", "sigmoid", "silu");
        Unary("QLinearGlobalAveragePool", "silu", "squeeze", Int("channels_last", 0));
        Operator("QLinearConv", "squeeze", "conv3_out", "conv3", (Channels, Channels, 1), Windows(1, 1));
        Unary("QLinearSigmoid", "conv3_out", "gate");
        Pair("QLinearMul", "silu", "gate", "excited");
        Pair("QLinearAdd", "excited", "conv1_out", "sum");
        Unary("QLinearGlobalAveragePool", "sum", "mean", Int("channels_last", 0));
        _file.Node("Flatten", "mean_int", "flat_int", Int("axis", 1));
        _values["flat"] = _values["mean"];
        Operator("QGemm", "flat", "fc_out", "fc", (Classes, Channels, 0), [Int("transB", 1), Float("alpha", 1)]);
        _file.Node("DequantizeLinear", $"fc_out_int {Parameters("fc_out")}", "logits");
        Finish("logits");
        return _file.Model.ToByteArray();
    }

    private void DeclareValues()
    {
        (string Name, float Min, float Max)[] ranges =
        [
            ("x", -2, 2), ("conv1_out", 0, 6), ("relu", 0, 6), ("conv2_out", -4, 4), ("sigmoid", 0, 255f / 256), ("silu", -0.3f, 4), ("squeeze", -0.3f, 2),
            ("conv3_out", -3, 3), ("gate", 0, 255f / 256), ("excited", -0.3f, 3), ("sum", -0.3f, 8), ("mean", -0.3f, 4), ("flat", -0.3f, 4),
            ("fc_out", -4, 4), ("probabilities", 0, 255f / 256),
        ];
        foreach (var (name, min, max) in ranges)
        {
            float scale = (max - min) / 255;
            int zero = (int)MathF.Round(-min / scale);
            _values[name] = (scale, IsSigned ? zero - 128 : zero);
            _file.Floats($"{name}_scale", [], Damage == "zero-scale" && name == "silu" ? 0 : scale);
            if (Damage == "axis-values" && name == "silu")
            {
                _file.Model.Graph.Initializer.Remove(_file.Model.Graph.Initializer[^1]);
                _file.Floats($"{name}_scale", [Channels], [.. Enumerable.Repeat(scale, Channels)]);
                Tensor($"{name}_zero_point", [Channels], ValueType, [.. Enumerable.Repeat((long)_values[name].Zero, Channels)]);
                continue;
            }

            Tensor($"{name}_zero_point", [], Damage == "zero-type" && name == "silu" ? Type.Int32 : ValueType, _values[name].Zero);
        }

        _file.Floats("other_scale", [], 0.5f);
    }

    private static string Parameters(string value) => $"{value}_scale {value}_zero_point";

    // The value behind its pair; x takes the range of what it is rounded to.
    private string Rounded(string value)
    {
        if (_pairs.TryGetValue(value, out string? made) && !HasOwnPairs) return made;
        string suffix = made is null ? "" : $"_{_pairs.Count}";
        string integers = $"{value}_QuantizeLinear_Output{suffix}", result = $"{value}_DequantizeLinear_Output{suffix}";
        bool isDamaged = value == "silu";
        string scale = isDamaged && Damage == "computed-scale" ? "relu silu_zero_point" : Parameters(value);
        _file.Node("QuantizeLinear", $"{value} {scale}", integers);
        if (isDamaged && Damage == "blocks") _file.Model.Graph.Node[^1].Attribute.Add(Int("block_size", 4));
        _file.Node("DequantizeLinear", isDamaged && Damage == "other-scale" ? $"{integers} other_scale silu_zero_point" : $"{integers} {Parameters(value)}", result);
        _pairs[value] = result;
        if (HasOwnPairs) _pairs[result] = result;
        return result;
    }

    private void Layer(string type, string x, string name, int outputs, int inputs, int kernel, int groups)
    {
        string from = Rounded(x);
        var (_, scales) = Kernel(name, outputs, inputs, kernel);
        Bias(name, outputs, _values[x].Scale, scales);
        string weights = $"{name}.weight_DequantizeLinear_Output";
        string bias = HasFloatBias ? $"{name}.bias" : $"{name}.bias_DequantizeLinear_Output";
        if (RoundsKernelsInFile)
        {
            _file.Node("QuantizeLinear", $"{name}.weight {name}.weight_scale {name}.weight_zero_point", $"{name}.weight_quantized", Axis(0));
        }

        _file.Node("DequantizeLinear", $"{name}.weight_quantized {name}.weight_scale {name}.weight_zero_point", weights, Axis(0));
        if (!HasFloatBias)
            _file.Node("DequantizeLinear", $"{name}.bias_quantized {name}.bias_quantized_scale", $"{name}.bias_DequantizeLinear_Output", Axis(0));
        _file.Node(type, $"{from} {weights} {bias}", $"{name}_out", type == "Conv" ? Windows(kernel, groups) : [Int("transB", 1)]);
    }

    private AttributeProto[] Axis(int axis) => IsPerChannel ? [Int("axis", axis)] : [];

    private static AttributeProto[] Windows(int kernel, int groups) =>
        [Ints("kernel_shape", kernel, kernel), Ints("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2), Int("group", groups)];

    private (long[] Integers, float[] Scales) Kernel(string name, int outputs, int inputs, int kernel)
    {
        int perOutput = inputs * Math.Max(1, kernel * kernel);
        float[] scales = [.. Enumerable.Range(0, IsPerChannel ? outputs : 1).Select(i => (1 + (i * 0.1f)) / (127 * MathF.Sqrt(perOutput)))];
        int zero = KernelZero ?? 0;
        long[] integers = [.. Enumerable.Range(0, outputs * perOutput).Select(_ => (long)Math.Round((_random.NextDouble() * 240) - 120) + zero)
            .Select(value => KernelZero is null ? value : Math.Clamp(value, 0, 255))];
        long[] dims = kernel == 0 ? [outputs, inputs] : [outputs, inputs, kernel, kernel];
        if (RoundsKernelsInFile)
            _file.Floats($"{name}.weight", dims, [.. integers.Select((value, i) => (value - zero + 0.25f) * scales[IsPerChannel ? i / perOutput : 0])]);
        else
            Tensor($"{name}.weight_quantized", dims, KernelType, integers);
        long[] scaleDims = IsPerChannel ? [outputs] : [];
        _file.Floats($"{name}.weight_scale", scaleDims, scales);
        Tensor($"{name}.weight_zero_point", scaleDims, KernelType, [.. scales.Select(_ => (long)zero)]);
        return (integers, scales);
    }

    private void Bias(string name, int outputs, float inputScale, float[] kernelScales)
    {
        float[] scales = [.. kernelScales.Select(scale => inputScale * scale)];
        long[] integers = [.. Enumerable.Range(0, outputs).Select(_ => (long)Math.Round((_random.NextDouble() - 0.3) * 20000))];
        if (HasFloatBias)
        {
            _file.Floats($"{name}.bias", [outputs], [.. integers.Select((value, i) => (value + 0.3f) * scales[scales.Length == 1 ? 0 : i])]);
            return;
        }

        Tensor($"{name}.bias_quantized", [outputs], Type.Int32, integers);
        _file.Floats($"{name}.bias_quantized_scale", scales.Length == 1 ? [] : [outputs], scales);
    }

    private void Operator(string type, string x, string y, string name, (int Outputs, int Inputs, int Kernel) shape, AttributeProto[] attributes)
    {
        var (_, scales) = Kernel(name, shape.Outputs, shape.Inputs, shape.Kernel);
        Bias(name, shape.Outputs, _values[x].Scale, scales);
        string input = $"{x}_int {Parameters(x)} {name}.weight_quantized {name}.weight_scale {name}.weight_zero_point";
        _file.Node(type, type == "QGemm" ? $"{input} {name}.bias_quantized {Parameters(y)}" : $"{input} {Parameters(y)} {name}.bias_quantized",
            $"{y}_int", attributes);
        if (type == "QGemm") _file.Model.Graph.Node[^1].Domain = "com.microsoft";
    }

    private void Unary(string type, string x, string y, params AttributeProto[] attributes)
    {
        _file.Node(type, $"{x}_int {Parameters(x)} {Parameters(y)}", $"{y}_int", attributes);
        _file.Model.Graph.Node[^1].Domain = "com.microsoft";
    }

    private void Pair(string type, string a, string b, string y)
    {
        _file.Node(type, $"{a}_int {Parameters(a)} {b}_int {Parameters(b)} {Parameters(y)}", $"{y}_int");
        _file.Model.Graph.Node[^1].Domain = "com.microsoft";
    }

    private void Finish(string value)
    {
        if (EndsWithSoftmax)
        {
            _file.Node("Softmax", value, "probabilities", Int("axis", 1));
            value = Rounded("probabilities");
        }

        _file.Node("Identity", value, "y");
    }

    private void Tensor(string name, long[] dims, Type type, params long[] values)
    {
        int size = type == Type.Int32 ? 4 : 1;
        var bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            if (size == 4) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), (int)values[i]);
            else bytes[i] = unchecked((byte)values[i]);
        }

        _file.Model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) });
    }
}
