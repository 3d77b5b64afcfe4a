using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>
/// Makes a graph of a TensorFlow Lite file's operators: maps from [1,H,W,C] to [C,H,W], functions that are fused into layers as nodes
/// of their own, and the file's scales and zero points as a quantization plan.
/// </summary>
internal sealed class TfLiteNetwork
{
    private readonly TfLiteFile _file;
    private readonly GraphBuilder _builder;
    private readonly Dictionary<int, Node> _values = [];
    private readonly Dictionary<int, TfLiteTensor> _constants = [];
    private readonly Dictionary<int, Pads> _pads = [];
    private readonly HashSet<int> _channelsFirst = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightTensor> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueQuantization> _quantizations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ParameterQuantization> _kernels = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    private TfLiteNetwork(TfLiteFile file)
    {
        _file = file;
        if (file.Inputs.Length != 1 || file.Outputs.Length != 1 || file.Inputs[0] < 0 || file.Outputs[0] < 0)
            throw new InvalidInputException($"it has {file.Inputs.Length} inputs and {file.Outputs.Length} outputs, expected one of each");
        var image = file.Tensors[file.Inputs[0]];
        if (image.Shape is not [1, > 0, > 0, > 0])
            throw new InvalidInputException($"its input is [{string.Join(", ", image.Shape)}], expected one image [1,H,W,C]");
        _builder = new GraphBuilder(TensorShape.Map(image.Shape[3], image.Shape[1], image.Shape[2]), NameOf(image));
        Set(file.Inputs[0], _builder.Last);
    }

    /// <summary>Makes the graph, its weights and what was left out.</summary>
    /// <exception cref="InvalidInputException">The network has something that is not understood; the message names it.</exception>
    public static (Graph Graph, WeightSet Weights, ImmutableArray<string> Notes) Of(TfLiteFile file)
    {
        var network = new TfLiteNetwork(file);
        foreach (var op in file.Operators)
        {
            try
            {
                network.Add(op);
            }
            catch (Exception e) when (e is ArgumentException or OverflowException or InvalidInputException)
            {
                string at = op.Outputs is [>= 0 and var output, ..] ? $" {OneLine.Quote(file.Tensors[output].Name)}" : "";
                throw new InvalidInputException($"at {op.Name}{at}: {OneLine.Clean(e.Message, 300).TrimEnd('.')}", e);
            }
        }

        return network.Finish();
    }

    private (Graph, WeightSet, ImmutableArray<string>) Finish()
    {
        if (!_values.ContainsKey(_file.Outputs[0])) throw new InvalidInputException("nothing yields its output");
        var output = Settled(_file.Outputs[0]);
        if (!output.Shape.IsVector && output.Shape.Positions == 1) output = Flattened(output);
        var graph = _builder.Build([output]);
        if (_quantizations.Count > 0 || _kernels.Count > 0)
        {
            graph = graph.WithQuantization(new QuantizationPlan
            {
                Arithmetic = IntegerArithmetic.TfLite,
                Values = _quantizations.ToImmutableSortedDictionary(StringComparer.Ordinal),
                Kernels = _kernels.ToImmutableSortedDictionary(StringComparer.Ordinal),
            });
        }

        var (made, weights) = LinearClassifier.Apply(graph, new WeightSet(_weights).For(graph));
        return (made, weights, [.. _notes]);
    }

    private void Add(TfLiteOperator op)
    {
        int output = op.Outputs is [>= 0 and var only] ? only : throw new InvalidInputException($"it yields {op.Outputs.Length} values, expected one");
        if (_values.ContainsKey(output) || _file.Tensors[output].IsConstant)
            throw new InvalidInputException("it yields what the file has already");
        switch (op.Code)
        {
            case TfLiteSchema.Convolution:
            case TfLiteSchema.DepthwiseConvolution:
                AddConvolution(op, output);
                break;
            case TfLiteSchema.FullyConnected:
                AddLinear(op, output);
                break;
            case TfLiteSchema.Add:
                AddFused(output, new Add(), op.Options?.Byte(0) ?? 0, Value(op, 0), Value(op, 1));
                break;
            case TfLiteSchema.Concatenation:
                AddConcatenation(op, output);
                break;
            case TfLiteSchema.Multiply:
                AddProduct(op, output);
                break;
            case TfLiteSchema.AveragePool:
            case TfLiteSchema.MaxPool:
                AddPool(op, output);
                break;
            case TfLiteSchema.Mean:
                AddMean(op, output);
                break;
            case TfLiteSchema.Relu:
                AddFunction(op, output, ActivationKind.Relu);
                break;
            case TfLiteSchema.Relu6:
                AddFunction(op, output, ActivationKind.Relu6);
                break;
            case TfLiteSchema.Logistic:
                AddFunction(op, output, ActivationKind.Sigmoid);
                break;
            case TfLiteSchema.HardSwish:
                AddFunction(op, output, ActivationKind.HardSwish);
                break;
            case TfLiteSchema.PRelu:
                AddPRelu(op, output);
                break;
            case TfLiteSchema.Quantize:
                AddFunction(op, output, ActivationKind.Identity);
                break;
            case TfLiteSchema.Dequantize when Tensor(op, 0).IsConstant:
                _constants[output] = Tensor(op, 0);
                break;
            case TfLiteSchema.Dequantize:
                // The number that the integer stands for: nothing is computed.
                _values[output] = Value(op, 0);
                break;
            case TfLiteSchema.Reshape:
            case TfLiteSchema.Squeeze:
                AddReshape(op, output);
                break;
            case TfLiteSchema.Pad:
                AddPad(op, output);
                break;
            case TfLiteSchema.Softmax when output == _file.Outputs[0]:
                _values[output] = Value(op, 0);
                _notes.Add("The softmax at its end is left out: the network yields logits.");
                break;
            default:
                throw new InvalidInputException("this operator is not read; networks of convolutions, pooling, sums, concatenations, gates and linear layers are");
        }
    }

    private void AddConvolution(TfLiteOperator op, int output)
    {
        bool isDepthwise = op.Code == TfLiteSchema.DepthwiseConvolution;
        var options = op.Options ?? throw new InvalidInputException("it has no options");
        var (x, kernel) = (Value(op, 0, takesPads: true), Constant(op, 1));
        if (kernel.Shape is not [> 0 and var first, > 0 and var height, > 0 and var width, > 0 and var last])
            throw new InvalidInputException($"its kernel is [{string.Join(", ", kernel.Shape)}], expected four dimensions");
        int dilation = isDepthwise ? 5 : 4, function = options.Byte(isDepthwise ? 4 : 3);
        if (options.Int(dilation, 1) != 1 || options.Int(dilation + 1, 1) != 1)
            throw new InvalidInputException($"dilated windows ({options.Int(dilation, 1)}×{options.Int(dilation + 1, 1)}) are not read");
        int stride = options.Int(1), inChannels = x.Shape.Channels, outChannels = isDepthwise ? last : first;
        if (stride != options.Int(2)) throw new InvalidInputException($"it steps {stride}×{options.Int(2)}, expected the same both ways");
        int groups = isDepthwise ? inChannels : inChannels / Math.Max(last, 1), inPerGroup = isDepthwise ? 1 : last;
        if (inPerGroup * groups != inChannels || (isDepthwise && first != 1))
            throw new InvalidInputException($"its kernel [{string.Join(", ", kernel.Shape)}] does not fit {inChannels} channels");

        var padding = TfLiteChecks.PaddingOf(options.Byte(0));
        var pads = _pads.GetValueOrDefault(op.Inputs[0]);
        if (padding == PaddingStyle.Same && pads != default) (x, pads) = (Settled(op.Inputs[0]), default);
        bool hasBias = op.Inputs.Length > 2 && op.Inputs[2] >= 0;
        var layer = new Convolution(inChannels, outChannels, height, stride, groups, padding, hasBias)
        {
            KernelWidth = width,
            ExplicitPads = pads == default ? null : pads,
        };
        // [O,H,W,I] → [O,I,H,W]; a depthwise kernel is [1,H,W,O].
        int SourceOf(int i)
        {
            int column = i % width, row = i / width % height, input = i / (width * height) % inPerGroup, o = i / (width * height * inPerGroup);
            return isDepthwise ? (((row * width) + column) * outChannels) + o : (((((o * height) + row) * width) + column) * inPerGroup) + input;
        }

        AddLayer(op, output, layer, x, kernel, [outChannels, inPerGroup, height, width], SourceOf, isDepthwise ? 3 : 0, function);
    }

    private void AddLinear(TfLiteOperator op, int output)
    {
        var (x, kernel) = (Value(op, 0, takesChannelsFirst: true), Constant(op, 1));
        if (kernel.Shape is not [> 0 and var outFeatures, > 0 and var inFeatures])
            throw new InvalidInputException($"its matrix is [{string.Join(", ", kernel.Shape)}], expected two dimensions");
        if ((op.Options?.Byte(1) ?? 0) != 0) throw new InvalidInputException("its matrix is shuffled, which is not read");
        if (!x.Shape.IsVector) x = Flattened(x);
        if (x.Shape.Channels != inFeatures)
            throw new InvalidInputException($"its matrix is [{outFeatures}, {inFeatures}], expected one for {x.Shape.Channels} numbers");
        // A map is flattened channels last there and channels first here.
        var map = x.Operator is Flatten ? NodeAt(x.Inputs[0]).Shape : TensorShape.Map(inFeatures, 1, 1);
        int SourceOf(int i)
        {
            int o = i / inFeatures, feature = i % inFeatures, positions = (int)map.Positions;
            return (o * inFeatures) + (feature % positions * map.Channels) + (feature / positions);
        }

        bool hasBias = op.Inputs.Length > 2 && op.Inputs[2] >= 0;
        AddLayer(op, output, new Linear(inFeatures, outFeatures, hasBias), x, kernel, [outFeatures, inFeatures], SourceOf, 0,
            op.Options?.Byte(0) ?? 0);
    }

    private void AddLayer(TfLiteOperator op, int output, Operator layer, Node x, TfLiteTensor kernel, ImmutableArray<int> shape,
        Func<int, int> sourceOf, int axis, int function)
    {
        var (tensor, quantization) = TfLiteConstants.Kernel(kernel, shape, sourceOf, axis);
        var node = AddFused(output, layer, function, x);
        _weights[$"{node.Name}.weight"] = tensor;
        if (quantization is not null) _kernels[$"{node.Name}.weight"] = quantization;
        if (op.Inputs.Length < 3 || op.Inputs[2] < 0) return;
        bool isInteger = quantization is not null && _quantizations.TryGetValue(x.Name, out var input) && _quantizations.ContainsKey(node.Name);
        _weights[$"{node.Name}.bias"] = TfLiteConstants.Bias(Constant(op, 2), isInteger
            ? [.. quantization!.Scales.Select(scale => _quantizations[x.Name].Scale * scale)] : []);
    }

    private void AddProduct(TfLiteOperator op, int output)
    {
        Node a = Value(op, 0), b = Value(op, 1);
        EnsureNoFunction(op.Options?.Byte(0) ?? 0);
        // x · sigmoid(x).
        if (a.Operator is Activation { Kind: ActivationKind.Sigmoid } && NodeAt(a.Inputs[0]) == b) (a, b) = (b, a);
        if (b.Operator is Activation { Kind: ActivationKind.Sigmoid } && NodeAt(b.Inputs[0]) == a)
        {
            var node = Append(output, new Activation(ActivationKind.Silu), a);
            if (_quantizations.TryGetValue(b.Name, out var sigmoid) && _quantizations.TryGetValue(node.Name, out var own))
                _quantizations[node.Name] = own with { Sigmoid = sigmoid };
            return;
        }

        if (a.Shape.Positions == 1 && b.Shape.Positions > 1) (a, b) = (b, a);
        Append(output, new Gate(), a, b);
    }

    private void AddConcatenation(TfLiteOperator op, int output)
    {
        int rank = _file.Tensors[output].Shape.Length, axis = op.Options?.Int(0) ?? 0;
        Node[] inputs = [.. Enumerable.Range(0, op.Inputs.Length).Select(input => Value(op, input)).Select(
            input => rank == 2 && !input.Shape.IsVector && input.Shape.Positions == 1 ? Flattened(input) : input)];
        if ((axis < 0 ? axis + rank : axis) != rank - 1 || rank is not (2 or 4) || inputs.Any(input => input.Shape.IsVector != (rank == 2)))
            throw new InvalidInputException($"it joins along dimension {axis} of {rank}, expected the channels of images or of vectors");
        if (inputs.Length < 2) throw new InvalidInputException($"it joins {inputs.Length} value, expected two at least");
        AddFused(output, new Concatenation(inputs.Length), op.Options?.Byte(1) ?? 0, inputs);
    }

    private void AddPool(TfLiteOperator op, int output)
    {
        var (x, options) = (Value(op, 0), op.Options ?? throw new InvalidInputException("it has no options"));
        TfLiteChecks.EnsureSameIntegers(Tensor(op, 0), _file.Tensors[output]);
        AddFused(output, TfLitePooling.Of(op, options, x.Shape, _file.Tensors[output]), options.Byte(TfLitePooling.FunctionField), x);
    }

    private void AddMean(TfLiteOperator op, int output)
    {
        var x = Value(op, 0);
        int[] axes = [.. TfLiteConstants.Integers(Constant(op, 1)).Select(axis => axis < 0 ? axis + 4 : axis).Order()];
        if (axes is not [1, 2]) throw new InvalidInputException($"it takes the mean over dimensions {string.Join(", ", axes)}, expected rows and columns");
        Append(output, new GlobalAveragePool(), x);
    }

    private void AddPRelu(TfLiteOperator op, int output)
    {
        var (x, slopes) = (Value(op, 0), Constant(op, 1));
        if (TfLiteConstants.Count(slopes) != x.Shape.Channels || slopes.Shape is not [.., var last] || last != x.Shape.Channels)
            throw new InvalidInputException($"its slopes are [{string.Join(", ", slopes.Shape)}], expected one for each of {x.Shape.Channels} channels");
        var node = Append(output, new PRelu(x.Shape.Channels), x);
        _weights[$"{node.Name}.weight"] = new WeightTensor([x.Shape.Channels], TfLiteConstants.Floats(slopes));
    }

    private void AddReshape(TfLiteOperator op, int output)
    {
        var x = Value(op, 0);
        TfLiteChecks.EnsureSameIntegers(Tensor(op, 0), _file.Tensors[output]);
        int[] to = _file.Tensors[output].Shape;
        if (to.Length is 0 || to.Aggregate(1L, (product, side) => product * side) != x.Shape.Count)
            throw new InvalidInputException($"it makes [{string.Join(", ", to)}] of {x.Shape}");
        bool isMap = to is [1, _, _, _] && (x.Shape.IsVector ? to is [1, 1, 1, _] : to[1] == x.Shape.Height && to[2] == x.Shape.Width);
        bool isVector = to[^1] == x.Shape.Count;
        // One position is a vector and a map at once; whoever takes it says which it needs.
        if (isMap || (isVector && x.Shape.Positions == 1)) _values[output] = x;
        else if (isVector && _channelsFirst.Add(output)) _values[output] = Flattened(x);
        else throw new InvalidInputException($"it makes [{string.Join(", ", to)}] of {x.Shape}, which is not read");
    }

    private void AddPad(TfLiteOperator op, int output)
    {
        int[] pads = TfLiteConstants.Integers(Constant(op, 1));
        if (pads is not [0, 0, >= 0, >= 0, >= 0, >= 0, 0, 0] || pads.Max() > TensorShape.MaxSide)
            throw new InvalidInputException($"it pads by [{string.Join(", ", pads)}], expected rows and columns");
        var x = Value(op, 0);
        var layer = new ZeroPad(new Pads(pads[2], pads[4], pads[3], pads[5]));
        TfLiteChecks.EnsureSameIntegers(Tensor(op, 0), _file.Tensors[output]);
        TfLiteChecks.EnsureShape(_file.Tensors[output], layer.Infer([x.Shape]));
        (_values[output], _pads[output]) = (x, layer.Pads);
    }

    private void AddFunction(TfLiteOperator op, int output, ActivationKind kind) => Append(output, new Activation(kind), Value(op, 0));

    // A function fused into an operator cuts off what the operator has rounded already: both have the output's scale.
    private Node AddFused(int output, Operator op, int function, params ReadOnlySpan<Node> inputs)
    {
        var kind = function switch
        {
            TfLiteSchema.NoFunction => ActivationKind.Identity,
            TfLiteSchema.FusedRelu => ActivationKind.Relu,
            TfLiteSchema.FusedRelu6 => ActivationKind.Relu6,
            _ => throw new InvalidInputException($"the function {function} fused into it is not read; ReLU and ReLU6 are"),
        };
        var node = Append(output, op, inputs);
        if (kind == ActivationKind.Identity) return node;
        string name = kind == ActivationKind.Relu ? $"{node.Name}.relu" : $"{node.Name}.relu6";
        _values[output] = WithIntegersOf(node, _builder.Append(Unique(name), new Activation(kind), node));
        return node;
    }

    private static void EnsureNoFunction(int function)
    {
        if (function != TfLiteSchema.NoFunction) throw new InvalidInputException($"the function {function} fused into it is not read");
    }

    private Node Append(int output, Operator op, params ReadOnlySpan<Node> inputs)
    {
        var node = _builder.Append(NameOf(_file.Tensors[output]), op, inputs);
        Set(output, node);
        return node;
    }

    private void Set(int tensor, Node node)
    {
        _values[tensor] = node;
        var value = _file.Tensors[tensor];
        TfLiteChecks.EnsureShape(value, node.Shape);
        if (value.IntegerType is not { } type) return;
        if (value is not { Scales: [var scale], ZeroPoints: [var zero] } || Math.Abs(zero) > ushort.MaxValue)
            throw new InvalidInputException($"the value {OneLine.Quote(value.Name)} holds integers and does not say what they stand for");
        _quantizations[node.Name] = new ValueQuantization(type, scale, (int)zero);
    }

    private Node Flattened(Node map) => WithIntegersOf(map, _builder.Append(Unique($"{map.Name}.flatten"), new Flatten(), map));

    private Node WithIntegersOf(Node source, Node node)
    {
        if (_quantizations.TryGetValue(source.Name, out var own)) _quantizations[node.Name] = own;
        return node;
    }

    private Node NodeAt(int index) => _builder[index];

    private Node Value(TfLiteOperator op, int input, bool takesPads = false, bool takesChannelsFirst = false)
    {
        int tensor = Position(op, input);
        if (!_values.ContainsKey(tensor)) throw new InvalidInputException(
            $"it takes {OneLine.Quote(_file.Tensors[tensor].Name)}, {(Tensor(op, input).IsConstant ? "a constant, where a computed value is read" : "which nothing yields")}");
        return Settled(tensor, takesPads, takesChannelsFirst);
    }

    // A convolution takes the padding before it as its own, and a linear layer's matrix is put into the order of the flattened map. To all
    // others a padded map is a map, and a flattened one has the file's order: [H,W,C] of our [C,H,W].
    private Node Settled(int tensor, bool takesPads = false, bool takesChannelsFirst = false)
    {
        var node = _values[tensor];
        if (!takesPads && _pads.Remove(tensor, out var pads)) return Append(tensor, new ZeroPad(pads), node);
        if (takesChannelsFirst || !_channelsFirst.Remove(tensor)) return node;
        var map = NodeAt(node.Inputs[0]).Shape;
        return _values[tensor] = WithIntegersOf(node, _builder.Append(Unique($"{node.Name}.order"), new ChannelShuffle(map.Channels), node));
    }

    private TfLiteTensor Constant(TfLiteOperator op, int input)
    {
        var tensor = Tensor(op, input);
        return tensor.IsConstant ? tensor : throw new InvalidInputException(
            $"it takes {OneLine.Quote(tensor.Name)}, a computed value where a constant is read");
    }

    private TfLiteTensor Tensor(TfLiteOperator op, int input) =>
        _constants.GetValueOrDefault(Position(op, input)) ?? _file.Tensors[Position(op, input)];

    private static int Position(TfLiteOperator op, int input) => op.Inputs.Length > input && op.Inputs[input] >= 0
        ? op.Inputs[input]
        : throw new InvalidInputException($"it has {op.Inputs.Length} inputs, expected at least {input + 1}");

    private string NameOf(TfLiteTensor tensor) => Unique(tensor.Name);

    private string Unique(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(unique); i++) unique = $"{name}.{i}";
        return unique;
    }
}
