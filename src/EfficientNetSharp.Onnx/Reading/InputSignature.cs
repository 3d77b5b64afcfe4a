using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>What a file takes: its one input that is no weight.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Channels, rows and columns.</param>
/// <param name="Axes">How its axes lie, <c>NCHW</c> or <c>NHWC</c>.</param>
/// <param name="Batch">Images at once; 1 where that is open.</param>
/// <param name="HasOpenSize">Whether rows or columns are open.</param>
internal sealed record InputSignature(string Name, TensorShape Shape, string Axes, int Batch, bool HasOpenSize)
{
    // Far above any image or batch, and low enough that a few times it is within 32 bits.
    private const int Max = TensorShape.MaxSide;

    /// <summary>Reads the signature.</summary>
    /// <param name="graph">The file's graph.</param>
    /// <param name="options">Sizes for axes that the file leaves open.</param>
    /// <param name="card">The model's card, whose size such axes have where the options name none.</param>
    /// <exception cref="InvalidInputException">
    /// There is none, there are several, it is no batch of images, or its size is open and not named.
    /// </exception>
    public static InputSignature Of(GraphProto graph, OnnxReadOptions options, ModelCard? card)
    {
        // Until version 3 of the format weights were listed as inputs too.
        var weights = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(input => !weights.Contains(input.Name)).ToArray();
        if (inputs.Length != 1) throw new InvalidInputException(
            $"one input besides weights is expected, found {inputs.Length}; export a network from images to rows.");
        string name = inputs[0].Name;
        var tensor = inputs[0].Type?.TensorType;
        if (tensor?.Shape is not { Dim.Count: 4 } shape || !AxisRules.IsFloat(tensor.ElemType))
            throw new InvalidInputException(
                $"the input {OneLine.Quote(name)} is expected to be floats [N, C, H, W], found {Describe(tensor)}; export a network that takes images.");
        string axes = TakesChannelsLast(graph, name) ? "NHWC" : "NCHW";
        int batch = Fixed('N') ?? 1;
        int channels = Fixed('C')
            ?? throw new InvalidInputException(
            $"the input {OneLine.Quote(name)} is expected to have a fixed number of channels, found {Describe(tensor)}; export it with one.");
        int height = Size('H', options.Height, card?.Preprocessing.Height), width = Size('W', options.Width, card?.Preprocessing.Width);
        return new InputSignature(name, TensorShape.Map(channels, height, width), axes, batch, Fixed('H') is null || Fixed('W') is null);

        // Some writers put 0 or −1 where they mean an open axis.
        int? Fixed(char axis)
        {
            var dimension = shape.Dim[axes.IndexOf(axis, StringComparison.Ordinal)];
            if (!dimension.HasDimValue || dimension.DimValue <= 0) return null;
            return dimension.DimValue <= Max
                ? (int)dimension.DimValue
                : throw new InvalidInputException(
                    $"the input {OneLine.Quote(name)} is expected to have at most {Max} along {axis}, found {dimension.DimValue}; export it smaller.");
        }

        int Size(char axis, int? wanted, int? usual)
        {
            string word = axis == 'H' ? "height" : "width";
            if (wanted is < 1 or > Max) throw new InvalidInputException(
                $"the {word} is expected to be 1 to {Max}, found {wanted}; name another.");
            if (Fixed(axis) is not { } size) return wanted ?? usual ?? options.UsualSize
                ?? throw new InvalidInputException($"the {word} of its input {OneLine.Quote(name)} is open; name one.");
            return wanted is null || wanted == size ? size
                : throw new InvalidInputException(
                $"the {word} of its input is fixed to {size}, found {wanted} in the options; leave it out or export another size.");
        }
    }

    // TensorFlow's files turn the image around before the first layer; what stands before that is element-wise.
    private static bool TakesChannelsLast(GraphProto graph, string name)
    {
        foreach (var node in graph.Node.Where(node => node.Output.Count > 0))
        {
            if (!node.Input.Contains(name)) continue;
            if (node.OpType is "Add" or "Sub" or "Mul" or "Div" or "Cast" or "Identity" or "Pad" or "QuantizeLinear" or "DequantizeLinear") name = node.Output[0];
            else return node.OpType == "Transpose" && node.Attribute.FirstOrDefault(attribute => attribute.Name == "perm") is { } order
                && order.Ints.SequenceEqual([0L, 3, 1, 2]);
        }

        return false;
    }

    private static string Describe(TypeProto.Types.Tensor? tensor) => tensor is null
        ? "no tensor"
        : $"type {tensor.ElemType} [{string.Join(", ", (tensor.Shape?.Dim ?? []).Take(8).Select(dimension => dimension.HasDimValue ? $"{dimension.DimValue}" : "?"))}]";
}
