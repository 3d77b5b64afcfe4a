using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing.TfLite;

/// <summary>Writes a graph of operators that TensorFlow Lite has as such a file: channels last, ReLUs fused into the layer before.</summary>
internal sealed class TfLiteGraphWriter(Graph graph, WeightSet weights)
{
    private const int AddCode = 0, AveragePoolCode = 1, LogisticCode = 14, MaxPoolCode = 17, ReluCode = 19, Relu6Code = 21, MultiplyCode = 18,
        PadCode = 34, MeanCode = 40, PReluCode = 54, HardSwishCode = 117;

    private readonly TfLiteWriter _file = new();
    private readonly int[] _values = new int[graph.Nodes.Length];

    public byte[] Write()
    {
        foreach (var node in graph.Nodes)
        {
            // Its layer has yielded it already.
            if (IsFused(graph, node)) continue;
            var fused = graph.Nodes.FirstOrDefault(next => IsFused(graph, next) && next.Inputs[0] == node.Index);
            int output = Value(fused ?? node);
            _values[node.Index] = output;
            if (fused is not null) _values[fused.Index] = output;
            Write(node, output, fused?.Operator is Activation { Kind: ActivationKind.Relu } ? 1 : fused is null ? 0 : 3);
        }

        return _file.Finish(_values[0], _values[graph.Output.Index]);
    }

    public static bool IsFused(Graph graph, Node node) => node.Operator is Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 }
        && graph.Nodes[node.Inputs[0]].Operator is Convolution && graph.CountUses()[node.Inputs[0]] == 1;

    private void Write(Node node, int output, int function)
    {
        int[] inputs = [.. node.Inputs.Select(input => _values[input])];
        switch (node.Operator)
        {
            case Convolution op:
                _file.Convolution([.. inputs, Kernel(node, op), .. Bias(node)], output, op.Padding == PaddingStyle.Same ? 0 : 1, op.Stride, function,
                    isDepthwise: op.IsDepthwise && op.Groups > 1);
                break;
            case Linear op:
                // The file flattens a map channels last.
                _file.Linear([inputs[0], Matrix(node, op), .. Bias(node)], output);
                break;
            case Flatten:
                _file.Reshape(inputs[0], output);
                break;
            case GlobalAveragePool:
                _file.Operator(MeanCode, [inputs[0], _file.Constant($"{node.Name}.axes", [2], TfLiteWriter.Int32, TfLiteWriter.Ints(1, 2))], output);
                break;
            case MaxPool op:
                _file.Pool(MaxPoolCode, inputs[0], output, isSame: op.Padding == PaddingStyle.Same, op.Stride, op.Kernel);
                break;
            case AveragePool op:
                _file.Pool(AveragePoolCode, inputs[0], output, isSame: op.Padding == PaddingStyle.Same, op.Stride, op.Kernel);
                break;
            case ZeroPad op:
                int[] sides = [0, 0, op.Pads.Top, op.Pads.Bottom, op.Pads.Left, op.Pads.Right, 0, 0];
                _file.Operator(
                    PadCode, [inputs[0], _file.Constant($"{node.Name}.sides", [4, 2], TfLiteWriter.Int32, TfLiteWriter.Ints(sides))], output);
                break;
            case Concatenation:
                _file.Concatenation(inputs, output, axis: node.Shape.IsVector ? 1 : 3);
                break;
            case Add:
                _file.Operator(AddCode, inputs, output);
                break;
            case Gate:
                _file.Operator(MultiplyCode, inputs, output);
                break;
            case PRelu:
                _file.Operator(PReluCode, [inputs[0], _file.Constant($"{node.Name}.slopes", [1, 1, node.Shape.Channels], TfLiteWriter.Float32,
                    TfLiteWriter.Floats(weights[node.Parameters[0]].Values))], output);
                break;
            case Activation { Kind: ActivationKind.Sigmoid }:
                _file.Operator(LogisticCode, inputs, output);
                break;
            case Activation { Kind: ActivationKind.HardSwish }:
                _file.Operator(HardSwishCode, inputs, output);
                break;
            case Activation { Kind: ActivationKind.Relu }:
                _file.Operator(ReluCode, inputs, output);
                break;
            case Activation { Kind: ActivationKind.Relu6 }:
                _file.Operator(Relu6Code, inputs, output);
                break;
        }
    }

    private int Value(Node node)
    {
        int[] shape = node.Shape.IsVector ? [1, node.Shape.Channels] : [1, node.Shape.Height, node.Shape.Width, node.Shape.Channels];
        var own = graph.Quantization?.Of(node);
        return _file.Value(node.Name, shape, TypeOf(own?.Type), own?.Scale ?? 0, own?.ZeroPoint ?? 0);
    }

    private int Kernel(Node node, Convolution op)
    {
        int taps = op.Kernel * op.KernelWidth;
        bool isDepthwise = op.IsDepthwise && op.Groups > 1;
        int inputs = op.InChannels / op.Groups;
        int[] shape = isDepthwise ? [1, op.Kernel, op.KernelWidth, op.OutChannels] : [op.OutChannels, op.Kernel, op.KernelWidth, inputs];
        // The file's [O,H,W,I], or [1,H,W,O], of our [O,I,H,W].
        return Constant(node, shape, isDepthwise ? 3 : 0, i => isDepthwise
            ? (i % op.OutChannels * taps) + (i / op.OutChannels)
            : (((i / (taps * inputs) * inputs) + (i % inputs)) * taps) + (i / inputs % taps));
    }

    private int Matrix(Node node, Linear op)
    {
        var map = graph.Nodes[graph.Nodes[node.Inputs[0]].Inputs[0]].Shape;
        int positions = (int)map.Positions, channels = map.Channels;
        return Constant(node, [op.OutFeatures, op.InFeatures], 0, i =>
        {
            int feature = i % op.InFeatures;
            return (i / op.InFeatures * op.InFeatures) + (feature % channels * positions) + (feature / channels);
        });
    }

    private int Constant(Node node, int[] shape, int axis, Func<int, int> sourceOf)
    {
        var tensor = weights[node.Parameters[0]];
        if (tensor.Integers is not { } integers)
        {
            float[] moved = [.. Enumerable.Range(0, tensor.Values.Length).Select(i => tensor.Values[sourceOf(i)])];
            return _file.Constant($"{node.Name}.kernel", shape, TfLiteWriter.Float32, TfLiteWriter.Floats(moved));
        }

        var own = graph.Quantization!.OfKernel(node)!;
        int size = integers.Type.BitCount() / 8;
        var bytes = new byte[integers.Length * size];
        for (int i = 0; i < integers.Length; i++) integers.Bytes.Span.Slice(sourceOf(i) * size, size).CopyTo(bytes.AsSpan(i * size));
        return _file.Constant($"{node.Name}.kernel", shape, TypeOf(own.Type), bytes, [.. own.Scales], [.. own.Scales.Select(_ => (long)own.ZeroPoint)], axis);
    }

    private int[] Bias(Node node)
    {
        if (node.Parameters.Length < 2) return [-1];
        var tensor = weights[node.Parameters[1]];
        if (tensor.Integers is not { } integers)
            return [_file.Constant($"{node.Name}.bias", [tensor.Values.Length], TfLiteWriter.Float32, TfLiteWriter.Floats(tensor.Values))];
        float[] scales = graph.Quantization!.BiasScales(graph, node);
        return [_file.Constant($"{node.Name}.bias", [integers.Length], TypeOf(integers.Type), integers.Bytes.ToArray(), scales, new long[scales.Length])];
    }

    private static sbyte TypeOf(ElementType? type) => type switch
    {
        ElementType.U8 => TfLiteWriter.UInt8,
        ElementType.I8 => TfLiteWriter.Int8,
        ElementType.I16 => TfLiteWriter.Int16,
        ElementType.I32 => TfLiteWriter.Int32,
        ElementType.I64 => TfLiteWriter.Int64,
        _ => TfLiteWriter.Float32,
    };
}
