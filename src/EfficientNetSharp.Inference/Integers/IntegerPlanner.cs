using System.Runtime.CompilerServices;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Planning;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Makes the steps of nodes that compute in integers. Between steps a value is 16-bit integers without its zero point, so that padding is
/// zeros and products need no corrections, whatever the type in the plan. What fills channels up to whole vectors may be any integers.
/// </summary>
internal sealed class IntegerPlanner<TSimd, TInt, TShort> : IIntegerPlanner
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // Integers of a pixel of an image, which has few channels.
    private const int ImageLanes = 4;

    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly QuantizationPlan _plan;
    private readonly IntegerGroups _groups;

    /// <summary>Looks at a network.</summary>
    /// <param name="graph">The folded network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="plan">Its plan.</param>
    public IntegerPlanner(Graph graph, WeightSet weights, QuantizationPlan plan)
    {
        (_graph, _weights, _plan) = (graph, weights, plan);
        _groups = new IntegerGroups(graph, plan, IsDepthwise);
    }

    /// <inheritdoc />
    public long WeightBytes { get; private set; }

    /// <inheritdoc />
    public Slot SlotFor(Node node) => Slot.For<short>(node.Name, node.Shape, IsGatheredImage(node) ? ImageLanes : 2 * TSimd.Lanes);

    /// <inheritdoc />
    public (PlanStep? Step, Slot Value)? Plan(Node node, Func<Node, Slot> valueOf)
    {
        if (_groups.IsTaken(node)) return null;
        if (node.Operator is Convolution or Linear) return PlanLayer(node, null, valueOf);
        if (_groups.LayerOf(node) is { } layer) return PlanLayer(layer, node, valueOf);

        var x = valueOf(InputOf(node));
        var (input, output) = (_plan.Of(InputOf(node))!, _plan.Of(node)!);
        if (IsUnchanged(node, input, output, x)) return (null, x);
        var y = SlotFor(node);
        return (node.Operator switch
        {
            Activation or PRelu or BatchNormalization =>
                new TableStep<TSimd, TInt, TShort>(node.Name, x, y, TableOf(TablesOf(node), input, output, KindOf(node))),
            Flatten => new IntegerFlattenStep<TSimd, TInt, TShort>(
                node.Name, x, y, TableOf(Converted(input, output), input, output, ActivationKind.Identity)),
            MaxPool op => new IntegerMaxPoolStep<TSimd, TInt, TShort>(
                node.Name, new Window(x.Height, x.Width, op.Kernel, op.Kernel, op.Stride, op.PadsFor(InputOf(node).Shape)), x, y,
                TableOf(Converted(input, output), input, output, ActivationKind.Identity)),
            AveragePool op => PlanWindowMeans(
                node, op, new Window(x.Height, x.Width, op.Kernel, op.Kernel, op.Stride, op.PadsFor(InputOf(node).Shape)), x, y),
            GlobalAveragePool => new IntegerMeanStep<TSimd, TInt, TShort>(node.Name, x, y, MeanOf(node, x.Positions)),
            ZeroPad op => new IntegerZeroPadStep<TSimd, TInt, TShort>(
                node.Name, op.PadsFor(InputOf(node).Shape), x, y,
                IsSame(input, output) ? null : TableOf(Converted(input, output), input, output, ActivationKind.Identity)),
            Add => PlanSum(node, x, valueOf(_graph.Nodes[node.Inputs[1]]), y),
            Gate => PlanGate(node, x, valueOf(_graph.Nodes[node.Inputs[1]]), y),
            Concatenation or ChannelSlice or ChannelShuffle => PlanChannels(node, valueOf, y),
            _ => throw new InvalidOperationException($"{node.Name} ({node.Operator.GetType().Name}) does not compute in integers."),
        }, y);
    }

    // A function that changes no integer: converters between equal scales, and flattenings of one pixel.
    private static bool IsUnchanged(Node node, ValueQuantization input, ValueQuantization output, Slot x) =>
        node.Operator is Dropout or StochasticDepth
        || ((node.Operator is Activation { Kind: ActivationKind.Identity } || (node.Operator is Flatten && x.Positions == 1))
            && IsSame(input, output));

    // Whether equal integers are equal numbers.
    private static bool IsSame(ValueQuantization a, ValueQuantization b) => a with { Sigmoid = null } == b with { Sigmoid = null };

    // Convolutions that gather the pixels under their windows need no whole vectors of an image's channels.
    private bool IsGatheredImage(Node node) => node.Operator is Input && _graph.Nodes.All(user =>
        !user.Inputs.Contains(node.Index) || !_plan.ComputesInIntegers(_graph, user)
        || (user.Operator is Convolution { Groups: 1 } op && !Window.Of(op, node.Shape).IsPointwise));

    private (PlanStep Step, Slot Value) PlanLayer(Node node, Node? function, Func<Node, Slot> valueOf)
    {
        if (IsDepthwise(node)) return PlanDepthwise(node, function, valueOf);
        var x = valueOf(InputOf(node));
        var y = SlotFor(function ?? node);
        string name = (function ?? node).Name;
        if (node.Operator is Linear linear)
        {
            var pixel = new Window(1, 1, 1, 1, 1, default);
            var product = ProductOf(node, function, linear.OutFeatures, linear.InFeatures, linear.InFeatures, i => i);
            return (new IntegerProductStep<TSimd, TInt, TShort>(name, pixel, x, y, null, product), y);
        }

        var op = (Convolution)node.Operator;
        var window = Window.Of(op, InputOf(node).Shape);
        if (op.Groups != 1) return (PlanGrouped(node, function, op, window, x, y), y);
        var gatherer = GathererOf(window, x);
        var convolution = ConvolutionOf(node, function, window, gatherer);
        return (new IntegerProductStep<TSimd, TInt, TShort>(name, window, x, y, gatherer, convolution), y);
    }

    private (PlanStep Step, Slot Value) PlanDepthwise(Node node, Node? function, Func<Node, Slot> valueOf)
    {
        var window = Window.Of((Convolution)node.Operator, InputOf(node).Shape);
        var y = SlotFor(function ?? node);
        var depthwise = DepthwiseOf(node, function, window);
        string name = (function ?? node).Name;
        if (_groups.ExpansionOf(node) is not { } expansion)
            return (new IntegerDepthwiseStep<TSimd, TInt, TShort>(name, window, valueOf(InputOf(node)), y, depthwise), y);

        var x = valueOf(InputOf(expansion));
        var expandWindow = Window.Of((Convolution)expansion.Operator, InputOf(expansion).Shape);
        var gatherer = GathererOf(expandWindow, x);
        var expand = ConvolutionOf(expansion, _groups.FunctionOf(expansion), expandWindow, gatherer);
        return (new IntegerExpandDepthwiseStep<TSimd, TInt, TShort>(name, expandWindow, window, x, y, gatherer, expand, depthwise), y);
    }

    private static PixelGatherer? GathererOf(Window window, Slot x) => window.IsPointwise ? null : new PixelGatherer(window, x);

    // Weights lie [input, row, column], pixels under a window [row, column, input].
    private IntegerProduct<TSimd, TInt, TShort> ConvolutionOf(Node node, Node? function, Window window, PixelGatherer? gatherer)
    {
        var op = (Convolution)node.Operator;
        int taps = window.Taps, inputs = op.InChannels, taken = gatherer?.Channels ?? inputs;
        return ProductOf(node, function, op.OutChannels, taken * taps, inputs * taps,
            i => i % taken < inputs ? (i % taken * taps) + (i / taken) : -1);
    }

    private IntegerProduct<TSimd, TInt, TShort> ProductOf(
        Node node, Node? function, int outputs, int inputs, int rowLength, Func<int, int> sourceOf)
    {
        var (kernel, integers) = (_plan.OfKernel(node)!, _weights[node.Parameters[0]].Integers!);
        var matrix = IntegerMatrix.Pack<TSimd, TInt, TShort>(
            (output, i) => sourceOf(i) is >= 0 and var at ? integers[(output * rowLength) + at] - kernel.ZeroPoint : 0,
            outputs, inputs, BiasOf(node), RangeOf(InputOf(node)), TSimd.Bytes);
        WeightBytes += matrix.WeightBytes;
        return new IntegerProduct<TSimd, TInt, TShort>(matrix, EpilogueOf(node, function, outputs, matrix.Bias, matrix.LargestSum));
    }

    private IntegerDepthwise<TSimd, TInt, TShort> DepthwiseOf(Node node, Node? function, Window window)
    {
        int channels = InputOf(node).Shape.Channels;
        var (kernel, integers) = (_plan.OfKernel(node)!, _weights[node.Parameters[0]].Integers!);
        var depthwise = new IntegerDepthwise<TSimd, TInt, TShort>(
            (channel, tap) => integers[(channel * window.Taps) + tap] - kernel.ZeroPoint, channels, window.Taps, BiasOf(node),
            RangeOf(InputOf(node)), largest => EpilogueOf(node, function, channels, BiasOf(node), largest));
        WeightBytes += depthwise.WeightBytes;
        return depthwise;
    }

    // Whether a convolution filters each channel by itself.
    private static bool IsDepthwise(Node node) =>
        node.Operator is Convolution { IsDepthwise: true } op && op.OutChannels == op.InChannels;

    private IntegerGroupedStep PlanGrouped(Node node, Node? function, Convolution op, Window window, Slot x, Slot y)
    {
        var (kernel, integers) = (_plan.OfKernel(node)!, _weights[node.Parameters[0]].Integers!);
        var (bias, output) = (BiasOf(node), _plan.Of(node)!);
        var plain = new short[integers.Length];
        WeightBytes += (long)plain.Length * sizeof(short);
        for (int i = 0; i < plain.Length; i++) plain[i] = checked((short)(integers[i] - kernel.ZeroPoint));
        var rules = RulesOf(node, op.OutChannels);
        short[][]? tables = function is null ? null : TablesOf(function);
        int lowest = LowestOf(output);
        return new IntegerGroupedStep((function ?? node).Name, window, x, y, op.Groups, plain,
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] (sum, channel) =>
        {
            long steps = rules[channel].Apply(sum + (bias?[channel] ?? 0));
            int value = IntegerRounding.Saturate(steps, output, _plan.Arithmetic) - output.ZeroPoint;
            return tables is null ? (short)value : tables[tables.Length == 1 ? 0 : channel][value - lowest];
        });
    }

    // Windows over the edge see fewer pixels, unless the padding counts.
    private IntegerAveragePoolStep<TSimd, TInt, TShort> PlanWindowMeans(Node node, AveragePool op, Window window, Slot x, Slot y)
    {
        var means = new IntegerMeans<TSimd, TInt, TShort>?[(Math.Min(op.Kernel, x.Height) * Math.Min(op.Kernel, x.Width)) + 1];
        foreach (int rows in Enumerable.Range(0, window.OutputHeight).Select(row => Seen(window.RowsAt(row))).Distinct())
        foreach (int columns in Enumerable.Range(0, window.OutputWidth).Select(column => Seen(window.ColumnsAt(column))).Distinct())
            means[rows * columns] ??= MeanOf(node, op.CountsPadding ? window.Taps : rows * columns);
        return new(node.Name, window, x, y, means);

        static int Seen((int Start, int First, int End) part) => part.End - part.First;
    }

    private IntegerMeans<TSimd, TInt, TShort> MeanOf(Node node, int count)
    {
        var (input, output) = (_plan.Of(InputOf(node))!, _plan.Of(node)!);
        var mean = new IntegerMean(_plan.Arithmetic, input, count, output);
        long zeros = (long)count * input.ZeroPoint, largest = (long)count * IntegerSums.LargestOf(input);

        // TensorFlow Lite divides before or after it scales.
        var rule = _plan.Arithmetic == IntegerArithmetic.TfLite ? null : IntegerSums.Uniform<TSimd, TInt, TShort>(mean.Factor, largest);
        return new IntegerMeans<TSimd, TInt, TShort>(
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] (sum) => mean.Apply(sum + zeros) - output.ZeroPoint, rule, BoundsOf(output));
    }

    private PairStep<TSimd, TInt, TShort> PlanSum(Node node, Slot a, Slot b, Slot y) => new(node.Name, a, b, y,
        IntegerSums.For<TSimd, TInt, TShort>(
            _plan.Arithmetic, _plan.Of(InputOf(node))!, _plan.Of(_graph.Nodes[node.Inputs[1]])!, _plan.Of(node)!));

    private PairStep<TSimd, TInt, TShort> PlanGate(Node node, Slot a, Slot b, Slot y)
    {
        var (map, gate, output) = (_plan.Of(InputOf(node))!, _plan.Of(_graph.Nodes[node.Inputs[1]])!, _plan.Of(node)!);
        long largest = (long)IntegerSums.LargestOf(map) * IntegerSums.LargestOf(gate);
        return new(node.Name, a, b, y, new IntegerProducts<TSimd, TInt, TShort>(FactorOf(node), BoundsOf(output), largest));
    }

    private IntegerChannelsStep PlanChannels(Node node, Func<Node, Slot> valueOf, Slot y)
    {
        var output = _plan.Of(node)!;
        int to = 0;
        return new(node.Name, [.. node.Inputs.Select(index =>
        {
            var (source, channels) = (_graph.Nodes[index], _graph.Nodes[index].Shape.Channels);
            var input = _plan.Of(source)!;
            (int, int, int)[] runs = node.Operator switch
            {
                ChannelSlice slice => [(slice.First, 0, slice.Count)],
                ChannelShuffle shuffle => [.. Enumerable.Range(0, channels).Select(place => (shuffle.SourceOf(place, channels), place, 1))],
                _ => [(0, to, channels)],
            };
            to += channels;
            return new IntegerChannels(valueOf(source), IsSame(input, output) ? null : Converted(input, output)[0], LowestOf(input), runs);
        })], y);
    }

    // Of a gate's node.
    private Requantization FactorOf(Node node) => Requantization.OfProduct(
        _plan.Arithmetic, _plan.Of(InputOf(node))!.Scale, _plan.Of(_graph.Nodes[node.Inputs[1]])!.Scale, _plan.Of(node)!.Scale);

    private IntegerEpilogue<TSimd, TInt, TShort> EpilogueOf(
        Node node, Node? function, int outputs, long[]? bias, long largestSum)
    {
        var output = _plan.Of(node)!;
        var bounds = BoundsOf(output);
        if (function is null) return new(RulesOf(node, outputs), bias, bounds, largestSum, null);
        short[][] tables = TablesOf(function);
        return CutsOff(tables, LowestOf(output), bounds) is { } narrower
            ? new(RulesOf(node, outputs), bias, narrower, largestSum, null)
            : new(RulesOf(node, outputs), bias, bounds, largestSum, TableOf(tables, output, _plan.Of(function)!, KindOf(function)));
    }

    // A function that does no more than cut integers off, such as a ReLU on its input's scale, is narrower bounds.
    private static (int Min, int Max)? CutsOff(short[][] tables, int lowest, (int Min, int Max) bounds)
    {
        if (tables.Length > 1) return null;
        var reached = tables[0].AsSpan()[(bounds.Min - lowest)..(bounds.Max - lowest + 1)];
        var (min, max) = (reached[0], reached[^1]);
        for (int i = 0; i < reached.Length; i++)
        {
            if (min > max || reached[i] != Math.Clamp(bounds.Min + i, min, max)) return null;
        }

        return (min, max);
    }

    private Requantization[] RulesOf(Node node, int outputs)
    {
        var (kernel, output) = (_plan.OfKernel(node)!, _plan.Of(node)!);
        float input = _plan.Of(InputOf(node))!.Scale;
        return [.. Enumerable.Range(0, outputs).Select(channel => Requantization.OfProduct(
            _plan.Arithmetic, input, kernel.ScaleOf(channel), output.Scale, kernel.IsPerChannel))];
    }

    private long[]? BiasOf(Node node)
    {
        if (node.Parameters.Length < 2) return null;
        var integers = _weights[node.Parameters[1]].Integers!;
        return [.. Enumerable.Range(0, integers.Length).Select(i => integers[i])];
    }

    // The lowest and the highest integer of a value without its zero point: those of its type, and narrower ones behind functions, whose
    // results are known.
    private (int Lowest, int Highest) RangeOf(Node node)
    {
        var value = _plan.Of(node)!;
        if (_plan.ComputesInIntegers(_graph, node))
        {
            if (node.Operator is Activation)
            {
                short[] table = TablesOf(node)[0];
                return (Math.Min(table.Min(), (short)0), Math.Max(table.Max(), (short)0));
            }

            if (node.Operator is Gate)
            {
                var (map, gate) = (RangeOf(InputOf(node)), RangeOf(_graph.Nodes[node.Inputs[1]]));
                var (lowest, highest) = BoundsOf(value);
                if (gate.Lowest >= 0) return (Product(map.Lowest), Product(map.Highest));

                int Product(int integer) => (int)Math.Clamp(FactorOf(node).Apply((long)integer * gate.Highest), lowest, highest);
            }
        }

        var (min, max) = value.Bounds(IntegerArithmetic.Onnx);
        return (min - value.ZeroPoint, max - value.ZeroPoint);
    }

    private (int Min, int Max) BoundsOf(ValueQuantization value)
    {
        var (min, max) = value.Bounds(_plan.Arithmetic);
        return (min - value.ZeroPoint, max - value.ZeroPoint);
    }

    // Of a function's node: one table, or one for each channel.
    private short[][] TablesOf(Node node)
    {
        var (input, output) = (_plan.Of(InputOf(node))!, _plan.Of(node)!);
        return node.Operator is Activation op
            ? [Centered(FunctionTable.Of(op.Kind, input, output, _plan.Arithmetic), output)]
            : [.. ChannelFunctions.Of(node, _weights).Select(
                function => Centered(FunctionTable.Of(function, input, output, _plan.Arithmetic), output))];
    }

    // Of a function without parameters.
    private static ActivationKind? KindOf(Node node) => (node.Operator as Activation)?.Kind;

    private short[][] Converted(ValueQuantization input, ValueQuantization output) =>
        [Centered(FunctionTable.Of(ActivationKind.Identity, input, output, _plan.Arithmetic), output)];

    private static IntegerTable<TSimd, TInt, TShort> TableOf(
        short[][] tables, ValueQuantization input, ValueQuantization output, ActivationKind? kind) =>
        new(tables, LowestOf(input), kind is null ? null : (kind.Value, input.Scale, output.Scale));

    private static short[] Centered(int[] table, ValueQuantization output) => [.. table.Select(value => (short)(value - output.ZeroPoint))];

    private static int LowestOf(ValueQuantization input) => FunctionTable.LowestOf(input) - input.ZeroPoint;

    private Node InputOf(Node node) => _graph.Nodes[node.Inputs[0]];
}

/// <summary>What a plan's builder needs of the planner of integers, whatever its vectors.</summary>
internal interface IIntegerPlanner
{
    /// <summary>Memory of the packed weights so far, in bytes.</summary>
    long WeightBytes { get; }

    /// <summary>A place for a node's integers.</summary>
    Slot SlotFor(Node node);

    /// <summary>
    /// The step of a node that computes in integers, and where its value is; no step where the value is an input's as it is, and nothing
    /// where it is computed along with the node that takes it.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="valueOf">Where another node's integers are.</param>
    (PlanStep? Step, Slot Value)? Plan(Node node, Func<Node, Slot> valueOf);
}
