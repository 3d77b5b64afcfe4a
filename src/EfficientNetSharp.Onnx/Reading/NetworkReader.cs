using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Onnx.Schema;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads a file's nodes one after another into steps, and those that the outputs need into a graph.</summary>
internal sealed class NetworkReader
{
    private readonly GraphProto _proto;
    private readonly FoldingBudget _budget;
    private readonly ValueTable _values;
    private readonly ConstantFolder _folder;
    private readonly LayerReader _layers;
    private readonly PoolingReader _pools;
    private readonly ElementwiseReader _functions;
    private readonly ViewReader _views;
    private readonly QuantizationReader _quantization;
    private readonly ChannelReader _channels;
    private readonly ImageValue _image;
    // Sorted, so that a note that many nodes give stands once.
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);

    public NetworkReader(GraphProto proto, InputSignature input, TensorDecoder decoder, FoldingBudget budget)
    {
        (_proto, _budget) = (proto, budget);
        var steps = new ValueBuilder();
        _values = new ValueTable(proto, decoder);
        _folder = new ConstantFolder(budget);
        _layers = new LayerReader(_values, steps, _notes);
        _pools = new PoolingReader(_values, steps);
        _quantization = new QuantizationReader(_values, steps);
        _functions = new ElementwiseReader(_values, steps);
        _views = new ViewReader(_values, steps, input.Batch, _notes);
        _channels = new ChannelReader(_values, steps);
        _image = new ImageValue(input.Shape);
        Steps = steps;
        _values.Set(input.Name, Feature.Of(_image, input.Axes));
        if (input.Axes != "NCHW") _notes.Add("The file takes images as [N, H, W, C]; the network takes them as [N, C, H, W].");
    }

    private ValueBuilder Steps { get; }

    public OnnxNetwork Read(int opset)
    {
        foreach (var node in NodeOrder.Of(_proto, opset, _values)) Guarded(node);
        if (_proto.Output.Count == 0) throw new InvalidInputException("it has no output.");
        var outputs = _proto.Output.Select(output => Output(output.Name)).ToArray();
        var (graph, weights) = GraphAssembler.Assemble(_image, outputs, _budget);
        return new OnnxNetwork(graph, weights, null, [.. _proto.Output.Select(output => output.Name)], [.. _notes])
        {
            OutputAxes = [.. _proto.Output.Select(output => _values.TryFeature(output.Name)!.Axes)],
            EndsWithSoftmax = _values.TryFeature(_proto.Output[0].Name)!.IsSoftmax,
        };
    }

    private GraphValue Output(string name)
    {
        var node = new OnnxNode(new NodeProto { OpType = "output", Name = name, Input = { name } }, 0, 0);
        if (_values.TryFeature(name) is not { } feature) throw node.Refuse("a value of the network", "a constant or a second result");
        if (feature.IsCut) throw node.Refuse("a value of the network", $"{feature.Describe()}, whose axes are cut");
        var value = ValueBuilder.Whole(node, feature.Value);
        if (feature.IsIntegers) _notes.Add($"The output '{OneLine.Clean(name)}' has integers in the file, and the numbers they stand for here.");
        if (!feature.IsRow && feature.Axes != "NCHW") _notes.Add(
            $"The output '{OneLine.Clean(name)}' has its channels last in the file, and first here.");
        return feature.Rank == 2 ? Steps.AsRow(node, value) : value;
    }

    private void Guarded(OnnxNode node)
    {
        try
        {
            ReadNode(node);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            // An operator of the graph does not take these shapes, or numbers go beyond 32 bits.
            throw node.Invalid("inputs that fit it", OneLine.Clean(e.Message, 200).TrimEnd('.'));
        }
    }

    private void ReadNode(OnnxNode node)
    {
        bool isQuantization = QuantizationReader.Reads(node);
        if (node.Proto.Domain is not ("" or "ai.onnx") && !isQuantization) throw node.Refuse("an operator of ONNX's own",
            $"one of {OneLine.Quote(node.Proto.Domain)}");
        if (node.Proto.Output.Count == 0) return;
        string output = node.Proto.Output[0];
        if (isQuantization && _quantization.IsConstant(node)) _values.Set(output, _quantization.Fold(node, _budget));
        else if (!isQuantization && ReadConstant(node) is { } constant) _values.Set(output, constant);
        else if (node.Type == "Split") ReadParts(node, _channels.Split(node));
        else _values.Set(output, ReadFeature(node));
    }

    private void ReadParts(OnnxNode node, IReadOnlyList<Feature> parts)
    {
        // A part that nobody takes may have no name.
        for (int i = 0; i < parts.Count; i++)
        {
            if (node.Proto.Output[i].Length > 0) _values.Set(node.Proto.Output[i], parts[i]);
        }
    }

    private Constant? ReadConstant(OnnxNode node)
    {
        if (node.Type == "Constant") return ConstantNode(node);
        if (node.Type == "Shape" && node.HasInput(0) && _values.TryFeature(node.Proto.Input[0]) is not null) return _views.Shape(node);
        // Only a node without any value of the network is computed; its weights are not decoded before that is known.
        if (node.Proto.Input.Any(name => name.Length == 0 || _values.TryFeature(name) is not null)) return null;
        var inputs = node.Proto.Input.Select(_values.TryConstant).ToArray();
        return inputs.Contains(null) ? null : _folder.Fold(node, inputs!);
    }

    private Constant ConstantNode(OnnxNode node)
    {
        if (node.Tensor("value") is { } tensor) return _values.Decode(tensor);
        if (node.Has("value_float")) return Constant.Of([], [node.Number("value_float", 0)]);
        if (node.Has("value_int")) return Constant.Of([], [node.Integer("value_int", 0)]);
        if (node.Numbers("value_floats") is { } floats) return Constant.Of([floats.Length], [.. floats]);
        if (node.Integers("value_ints") is { } integers) return Constant.Of([integers.Length], [.. integers]);
        throw node.Refuse("numbers as its value", "none");
    }

    private Feature ReadFeature(OnnxNode node) => node.Type switch
    {
        "Conv" => _layers.Convolution(node),
        "BatchNormalization" => _layers.BatchNormalization(node),
        "PRelu" => _layers.PRelu(node),
        "Gemm" => _layers.Gemm(node),
        "MatMul" => _layers.MatMul(node),
        "MaxPool" => _pools.MaxPool(node),
        "GlobalAveragePool" => _pools.GlobalAveragePool(node),
        "AveragePool" => _pools.AveragePool(node),
        "ReduceMean" => _pools.ReduceMean(node),
        "Relu" => _functions.Activation(node, ActivationKind.Relu),
        "Sigmoid" => _functions.Activation(node, ActivationKind.Sigmoid),
        "HardSwish" => _functions.Activation(node, ActivationKind.HardSwish),
        "Swish" => _functions.Swish(node),
        "HardSigmoid" => _functions.HardSigmoid(node),
        "Clip" => _functions.Clip(node),
        "Min" => _functions.Bounded(node, isMin: true),
        "Max" => _functions.Bounded(node, isMin: false),
        "Add" or "Sum" or "Sub" or "Mul" or "Div" => _functions.Binary(node),
        "Identity" or "Dropout" => _views.Same(node),
        "Cast" => _views.Cast(node),
        "Transpose" => _views.Transpose(node),
        "Flatten" => _views.Flatten(node),
        "Reshape" => _views.Reshape(node),
        "Squeeze" => _views.Squeeze(node),
        "Unsqueeze" => _views.Unsqueeze(node),
        "Pad" => _views.Pad(node),
        "Gather" => _channels.Gather(node),
        "Concat" => _channels.Concat(node),
        "Slice" => _channels.Slice(node),
        "Softmax" => _views.Softmax(node),
        "QuantizeLinear" => _quantization.Quantize(node),
        "DequantizeLinear" => _quantization.Dequantize(node),
        _ => throw new InvalidInputException(
            $"the operator {OneLine.Clean(node.Type)} of the node {OneLine.Quote(node.Name)} is expected to be one that EfficientNet-like networks have, found another; run this file with ONNX Runtime instead.")
        {
            UnsupportedOperator = OneLine.Clean(node.Type),
        },
    };
}
