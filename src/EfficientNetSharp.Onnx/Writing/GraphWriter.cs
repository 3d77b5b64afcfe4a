using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using static EfficientNetSharp.Onnx.Writing.Protos;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>Writes a network that is prepared for inference as an ONNX graph: one method an operator.</summary>
internal sealed class GraphWriter : IOperatorVisitor<Node, NodeProto[]>
{
    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly OnnxExportOptions _options;
    private readonly bool[] _followsInput;
    private readonly UniqueNames _names = new();
    private readonly QuantizationWriter? _quantization;

    // What a node's value is called, and what its operator yields: another name where that is rounded to integers first.
    private readonly string[] _values, _yields, _outputNames;
    private readonly Dictionary<string, string> _tensors = new(StringComparer.Ordinal);
    private readonly GraphProto _proto = new();
    private string? _zero, _six, _mapAxes;

    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="outputNames">Wished names of the outputs, in the graph's order.</param>
    /// <param name="options">How it is written.</param>
    public GraphWriter(Graph graph, WeightSet weights, IReadOnlyList<string> outputNames, OnnxExportOptions options)
    {
        (_graph, _weights, _options) = (graph, weights, options);
        _followsInput = MapSizes.FollowInput(graph);
        if (options.DynamicResolution) MapSizes.EnsureOpen(graph, _followsInput);

        // Input and outputs come first: their names are promised. An output's value has its own name, not its node's.
        _values = new string[graph.Nodes.Length];
        _values[0] = _names.Claim("input");
        _outputNames = [.. outputNames.Select(_names.Claim)];
        for (int i = 0; i < _outputNames.Length; i++)
        {
            if (graph.Outputs[i] != graph.Input) _values[graph.Outputs[i].Index] = _outputNames[i];
        }

        for (int i = 1; i < _values.Length; i++) _values[i] ??= _names.Claim(graph.Nodes[i].Name);
        foreach (var parameter in graph.Parameters) _tensors[parameter.Name] = _names.Claim(parameter.Name);
        _yields = [.. _values];
        if (graph.Quantization is not { } plan) return;
        _quantization = new QuantizationWriter(graph, plan, _names, _proto, options);
        foreach (var node in graph.Nodes.Where(_quantization.Rounds))
        {
            // The image keeps its name, and what is taken of it gets another; of any other node the value does.
            if (node == graph.Input) _values[0] = _names.Claim("input.rounded");
            // An identity is a converter and nothing else: its value is its input's, rounded anew.
            else _yields[node.Index] = IsConverter(node) ? _values[node.Inputs[0]] : _names.Claim($"{node.Name}.exact");
        }
    }

    /// <summary>Makes the graph.</summary>
    public GraphProto Write(string name)
    {
        _proto.Name = name;
        _proto.Input.Add(Value(_graph.Input, _yields[0]));
        foreach (var node in _graph.Nodes)
        {
            // A conditional convolution's kernels are written one by one, by its own writer.
            if (node.Operator is not ConditionalConvolution)
            {
                foreach (var parameter in node.Parameters) AddTensor(parameter, node);
            }

            if (!IsConverter(node)) _proto.Node.Add(node.Operator.Accept(this, node));
            if (_yields[node.Index] != _values[node.Index]) _quantization!.Round(node, _yields[node.Index], _values[node.Index]);
            if (node != _graph.Input && !_graph.Outputs.Contains(node)) _proto.ValueInfo.Add(Value(node, _values[node.Index]));
        }

        for (int i = 0; i < _outputNames.Length; i++) AppendOutput(_graph.Outputs[i], _outputNames[i]);
        return _proto;
    }

    // A visitor sees no training-only operators: the inference transform has left them out.
    public NodeProto[] Visit(Input op, Node node) => [];

    public NodeProto[] Visit(Convolution op, Node node)
    {
        var pads = op.PadsFor(_graph.Nodes[node.Inputs[0]].Shape);
        return [Emit(
            "Conv", node,
            Integers("kernel_shape", op.Kernel, op.KernelWidth),
            Integers("strides", op.Stride, op.Stride),
            Integers("pads", pads.Top, pads.Left, pads.Bottom, pads.Right),
            Integer("group", op.Groups))];
    }

    public NodeProto[] Visit(ConditionalConvolution op, Node node) =>
        new ConditionalWriter(op, node, _graph.Nodes[node.Inputs[0]].Shape, _names, _proto).Write(
            _values[node.Inputs[0]], _values[node.Inputs[1]], _yields[node.Index], _weights);

    public NodeProto[] Visit(BatchNormalization op, Node node) => [Emit("BatchNormalization", node, Number("epsilon", (float)op.Epsilon))];

    public NodeProto[] Visit(Activation op, Node node) => op.Kind switch
    {
        ActivationKind.Identity => [Emit("Identity", node)],
        ActivationKind.Relu => [Emit("Relu", node)],
        ActivationKind.Relu6 => [Clip(node)],
        ActivationKind.Silu => Gated(node, "sigmoid", (name, x, y) => Plain("Sigmoid", name, x, y)),
        ActivationKind.Sigmoid => [Emit("Sigmoid", node)],
        ActivationKind.HardSigmoid => [HardSigmoid(node.Name, _values[node.Inputs[0]], _yields[node.Index])],
        ActivationKind.HardSwish => Gated(node, "hard_sigmoid", HardSigmoid),
        _ => throw new ArgumentException($"'{node.Name}' has an activation without an ONNX form, {op.Kind}.", nameof(op)),
    };

    public NodeProto[] Visit(PRelu op, Node node) => [Emit("PRelu", node)];

    public NodeProto[] Visit(MaxPool op, Node node)
    {
        // Rounding up is an attribute, which holds at any size, where the last window begins on the map.
        bool roundsUp = MapSizes.RoundsUp(op);
        return [Emit(
            "MaxPool", node,
            Integers("kernel_shape", op.Kernel, op.Kernel),
            Integers("strides", op.Stride, op.Stride),
            PoolPads(node, op.Kernel, op.Stride, roundsUp ? default : op.PadsFor(_graph.Nodes[node.Inputs[0]].Shape)),
            Integer("ceil_mode", roundsUp ? 1 : 0))];
    }

    public NodeProto[] Visit(AveragePool op, Node node) => [Emit(
        "AveragePool", node,
        Integers("kernel_shape", op.Kernel, op.Kernel),
        Integers("strides", op.Stride, op.Stride),
        PoolPads(node, op.Kernel, op.Stride, op.PadsFor(_graph.Nodes[node.Inputs[0]].Shape)),
        Integer("count_include_pad", op.CountsPadding ? 1 : 0))];

    public NodeProto[] Visit(ZeroPad op, Node node)
    {
        var (pad, pads) = (Emit("Pad", node), op.PadsFor(_graph.Nodes[node.Inputs[0]].Shape));
        pad.Input.Add(Constant($"{node.Name}.pads", 0, 0, pads.Top, pads.Left, 0, 0, pads.Bottom, pads.Right));
        return [pad];
    }

    public NodeProto[] Visit(Concatenation op, Node node) => [Emit("Concat", node, Integer("axis", 1))];

    public NodeProto[] Visit(ChannelSlice op, Node node)
    {
        var slice = Emit("Slice", node);
        slice.Input.Add(
        [
            Constant($"{node.Name}.start", op.First), Constant($"{node.Name}.end", op.First + op.Count), Constant($"{node.Name}.axis", 1),
        ]);
        return [slice];
    }

    // As PyTorch does it: groups become an axis, which changes places with the channels within them.
    public NodeProto[] Visit(ChannelShuffle op, Node node)
    {
        string x = _values[node.Inputs[0]], groups = _names.Claim($"{node.Name}.groups"), turned = _names.Claim($"{node.Name}.turned");
        int channels = node.Shape.Channels;
        // One group, or one channel a group, changes no place.
        if (op.Groups == 1 || op.Groups == channels) return [Emit("Identity", node)];
        var nodes = new List<NodeProto>
        {
            Reshape(groups, x, Constant($"{groups}.shape", 0, op.Groups, channels / op.Groups, -1), groups),
            new()
            {
                OpType = "Transpose", Name = turned, Input = { groups }, Output = { turned }, Attribute = { Integers("perm", 0, 2, 1, 3) },
            },
        };
        string shape;
        if (_options.DynamicResolution && _followsInput[node.Index])
        {
            shape = _names.Claim($"{node.Name}.shape");
            nodes.Add(Plain("Shape", shape, x, shape));
        }
        else
        {
            shape = node.Shape.IsVector ? Constant($"{node.Name}.shape", 0, channels)
                : Constant($"{node.Name}.shape", 0, channels, node.Shape.Height, node.Shape.Width);
        }

        nodes.Add(Reshape(node.Name, turned, shape, _yields[node.Index]));
        return [.. nodes];
    }

    // ONNX Runtime has an integer kernel for this form alone.
    public NodeProto[] Visit(GlobalAveragePool op, Node node) =>
        (_options.Pooling ?? (_quantization is null ? PoolingForm.ReduceMean : PoolingForm.GlobalAveragePool)) switch
    {
        PoolingForm.ReduceMean => [MeanOverMap(node)],
        PoolingForm.GlobalAveragePool => [Emit("GlobalAveragePool", node)],
        _ => throw new ArgumentException($"There is no pooling form {_options.Pooling}.", nameof(op)),
    };

    public NodeProto[] Visit(Flatten op, Node node) => [Emit("Flatten", node, Integer("axis", 1))];

    // The weight is [out, in], so Gemm takes it transposed.
    public NodeProto[] Visit(Linear op, Node node) => [Emit("Gemm", node, Integer("transB", 1))];

    public NodeProto[] Visit(Add op, Node node) => [Emit("Add", node)];

    // [N,C,H,W] times [N,C,1,1]: ONNX repeats the single value over the map.
    public NodeProto[] Visit(Gate op, Node node) => [Emit("Mul", node)];

    public NodeProto[] Visit(Dropout op, Node node) => throw TrainingOnly(node);

    public NodeProto[] Visit(StochasticDepth op, Node node) => throw TrainingOnly(node);

    private static InvalidOperationException TrainingOnly(Node node) =>
        new($"'{node.Name}' acts only in training and has no place in a file.");

    // x times a function of x, in two nodes that every reader knows: x·σ(x), and MobileNetV3's with the hard sigmoid.
    private NodeProto[] Gated(Node node, string gateName, Func<string, string, string, NodeProto> makeGate)
    {
        string x = _values[node.Inputs[0]], name = _names.Claim($"{node.Name}.{gateName}"), gate = name;
        _proto.Node.Add(makeGate(name, x, gate));
        if (_quantization?.GateOf(node) is { } rounded)
        {
            gate = _names.Claim($"{name}.rounded");
            _quantization.Round(name, rounded, name, gate);
        }

        return [new NodeProto { OpType = "Mul", Name = node.Name, Input = { x, gate }, Output = { _yields[node.Index] } }];
    }

    // max(0, min(1, x/6 + 1/2)); ONNX's own default slope is 1/5.
    private static NodeProto HardSigmoid(string name, string x, string y)
    {
        var node = Plain("HardSigmoid", name, x, y);
        node.Attribute.Add([Number("alpha", 1f / 6), Number("beta", 0.5f)]);
        return node;
    }

    private static NodeProto Plain(string type, string name, string x, string y) => new()
    {
        OpType = type,
        Name = name,
        Input = { x },
        Output = { y },
    };

    // The axes are an attribute before operator set 18 and an input from there on.
    private NodeProto MeanOverMap(Node node)
    {
        if (_options.OpsetFor(_graph.Quantization) < 18) return Emit("ReduceMean", node, Integers("axes", 2, 3), Integer("keepdims", 1));
        var mean = Emit("ReduceMean", node, Integer("keepdims", 1));
        mean.Input.Add(_mapAxes ??= MapAxes());
        return mean;
    }

    // Bounds are inputs since operator set 11; all nodes share the two.
    private NodeProto Clip(Node node)
    {
        _zero ??= Scalar("relu6.minimum", 0);
        _six ??= Scalar("relu6.maximum", 6);
        var clip = Emit("Clip", node);
        clip.Input.Add([_zero, _six]);
        return clip;
    }

    private NodeProto Emit(string type, Node node, params ReadOnlySpan<AttributeProto> attributes)
    {
        // The graph lists a node's tensors in ONNX's order: weight and bias; scale, shift, mean and variance.
        var proto = new NodeProto { OpType = type, Name = node.Name, Output = { _yields[node.Index] } };
        proto.Input.Add(node.Inputs.Select(input => _values[input]));
        proto.Input.Add(node.Parameters.Select(parameter => _tensors[parameter.Name]));
        foreach (var attribute in attributes) proto.Attribute.Add(attribute);
        return proto;
    }

    private void AppendOutput(Node output, string name)
    {
        string value = _values[output.Index];
        // A graph may yield its input, but an ONNX output must be some node's.
        if (output == _graph.Input)
        {
            _proto.Node.Add(new NodeProto { OpType = "Identity", Name = "identity", Input = { value }, Output = { name } });
            value = name;
        }

        if (_options.AppendSoftmax)
        {
            string probabilities = _names.Claim("probabilities");
            _proto.ValueInfo.Add(Value(output, value));
            _proto.Node.Add(new NodeProto
            {
                OpType = "Softmax",
                Name = _names.Claim("softmax"),
                Input = { value },
                Output = { probabilities },
                Attribute = { Integer("axis", 1) },
            });
            value = probabilities;
        }

        _proto.Output.Add(Value(output, value));
    }

    private ValueInfoProto Value(Node node, string name)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(_options.DynamicBatch ? new TensorShapeProto.Types.Dimension { DimParam = "batch" } : Fixed(1));
        shape.Dim.Add(Fixed(node.Shape.Channels));
        if (!node.Shape.IsVector)
        {
            bool open = _options.DynamicResolution && _followsInput[node.Index];
            bool named = open && node == _graph.Input;
            shape.Dim.Add(named ? new TensorShapeProto.Types.Dimension { DimParam = "height" } : open ? new() : Fixed(node.Shape.Height));
            shape.Dim.Add(named ? new TensorShapeProto.Types.Dimension { DimParam = "width" } : open ? new() : Fixed(node.Shape.Width));
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape },
            },
        };
    }

    private bool IsConverter(Node node) =>
        node.Operator is Activation { Kind: ActivationKind.Identity } && _quantization is not null && _quantization.Rounds(node);

    private void AddTensor(Parameter parameter, Node node)
    {
        string name = _tensors[parameter.Name];
        var tensor = _weights[parameter];
        if (tensor.Integers is not null && _quantization is not null)
        {
            _quantization.AddTensor(parameter, node, name, tensor);
            return;
        }

        // A slope per channel has to be [C,1,1] to be repeated over a map.
        bool isOverMap = parameter.Role == ParameterRole.Slope && !node.Shape.IsVector;
        _proto.Initializer.Add(FloatTensor(name, isOverMap ? [(int)parameter.Count, 1, 1] : parameter.Shape, tensor));
    }

    private string Scalar(string wish, float value)
    {
        string name = _names.Claim(wish);
        _proto.Initializer.Add(FloatTensor(name, new WeightTensor([], [value])));
        return name;
    }

    // Rows and columns of [N,C,H,W].
    private string MapAxes() => Constant("map.axes", 2, 3);

    private string Constant(string wish, params ReadOnlySpan<long> values)
    {
        string name = _names.Claim(wish);
        _proto.Initializer.Add(IntegerTensor(name, values));
        return name;
    }

    private static NodeProto Reshape(string name, string x, string shape, string y) => new()
    {
        OpType = "Reshape", Name = name, Input = { x, shape }, Output = { y },
    };

    // ONNX Runtime takes no padding as large as the window. Windows touch the map, so that the last one reaches less.
    private AttributeProto PoolPads(Node node, int kernel, int stride, Pads pads)
    {
        var map = _graph.Nodes[node.Inputs[0]].Shape;
        int bottom = pads.Bottom >= kernel ? Reached(node.Shape.Height, map.Height + pads.Top) : pads.Bottom;
        int right = pads.Right >= kernel ? Reached(node.Shape.Width, map.Width + pads.Left) : pads.Right;
        return Integers("pads", pads.Top, pads.Left, bottom, right);

        int Reached(int windows, int length) => Math.Max(0, ((windows - 1) * stride) + kernel - length);
    }

    private static TensorShapeProto.Types.Dimension Fixed(int value) => new() { DimValue = value };
}
