using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing.IntegerMath;

/// <summary>
/// A quantized network as its plan says, one image and one integer at a time, with sums in 64 bits: slow, and made to be read. Nodes that
/// the plan leaves in floats are computed in double precision. Fast backends are held against it, integer by integer.
/// </summary>
public sealed class IntegerReferenceRunner : IModelRunner
{
    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly QuantizationPlan _plan;

    public IntegerReferenceRunner(Graph graph, WeightSet weights)
    {
        weights.EnsureFit(graph);
        (_graph, _weights, _plan) = (graph, weights, graph.Quantization ?? throw new ArgumentException("The network has no plan."));
    }

    /// <inheritdoc />
    public string Backend => "integer reference";

    /// <inheritdoc />
    public TensorShape InputShape => _graph.Input.Shape;

    /// <inheritdoc />
    public TensorShape OutputShape => _graph.Output.Shape;

    /// <inheritdoc />
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        int length = (int)InputShape.Count, row = (int)OutputShape.Count;
        for (int n = 0; n < batch; n++)
        {
            double[] numbers = Evaluate(input.Slice(n * length, length).ToArray()).Numbers[_graph.Output.Index];
            for (int i = 0; i < row; i++) output[(n * row) + i] = (float)numbers[i];
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    /// <summary>All values for one image: the integers of nodes that have them, and the numbers of all.</summary>
    public (int[]?[] Integers, double[][] Numbers) Evaluate(float[] image)
    {
        var integers = new int[_graph.Nodes.Length][];
        var numbers = new double[_graph.Nodes.Length][];
        foreach (var node in _graph.Nodes)
        {
            var own = _plan.Of(node);
            if (_plan.ComputesInIntegers(_graph, node))
            {
                integers[node.Index] = Compute(node, [.. node.Inputs.Select(input => integers[input]!)]);
            }
            else
            {
                numbers[node.Index] = node.Operator is Input
                    ? [.. image.Select(value => (double)value)]
                    : ReferenceRunner.Evaluate(_graph, _weights, node, numbers);
                if (own is not null) integers[node.Index] =
                    [.. numbers[node.Index].Select(number => IntegerRounding.Quantize((float)number, own, _plan.Arithmetic))];
            }

            if (own is not null)
                numbers[node.Index] = [.. integers[node.Index]!.Select(value => (double)IntegerRounding.Dequantize(value, own))];
        }

        return (integers, numbers);
    }

    private int[] Compute(Node node, int[][] inputs)
    {
        var from = _graph.Nodes[node.Inputs[0]];
        var (input, output) = (_plan.Of(from)!, _plan.Of(node)!);
        return node.Operator switch
        {
            Convolution op => Convolve(op, node, from.Shape, inputs[0]),
            Linear op => Multiply(op, node, inputs[0]),
            Add => Sum(node, inputs, output),
            Gate => Scale(node, inputs, output),
            GlobalAveragePool => Mean(from.Shape, inputs[0], input, output),
            AveragePool op => AverageUnderWindows(op, node.Shape, from.Shape, inputs[0], input, output),
            ZeroPad op => ByTable(
                Padded(op.PadsFor(from.Shape), from.Shape, node.Shape, inputs[0], input.ZeroPoint),
                FunctionTable.Of(ActivationKind.Identity, input, output, _plan.Arithmetic), input),
            MaxPool op => Pool(op, node, from.Shape, inputs[0], input, output),
            Activation op => ByTable(inputs[0], FunctionTable.Of(op.Kind, input, output, _plan.Arithmetic), input),
            Flatten => ByTable(inputs[0], FunctionTable.Of(ActivationKind.Identity, input, output, _plan.Arithmetic), input),
            PRelu or BatchNormalization => ByChannel(node, inputs[0], input, output),
            Dropout or StochasticDepth => inputs[0],
            Concatenation => [.. inputs.SelectMany((x, i) => Converted(node, i, x))],
            ChannelSlice op => [.. ChannelsOf(from.Shape, Converted(node, 0, inputs[0])).Skip(op.First).Take(op.Count).SelectMany(channel => channel)],
            ChannelShuffle op => [.. Enumerable.Range(0, from.Shape.Channels).SelectMany(
                place => ChannelsOf(from.Shape, Converted(node, 0, inputs[0]))[op.SourceOf(place, from.Shape.Channels)])],
            _ => throw new NotSupportedException($"{node.Operator} in integers"),
        };
    }

    private int[] Converted(Node node, int which, int[] x)
    {
        var input = _plan.Of(_graph.Nodes[node.Inputs[which]])!;
        return ByTable(x, FunctionTable.Of(ActivationKind.Identity, input, _plan.Of(node)!, _plan.Arithmetic), input);
    }

    private static int[][] ChannelsOf(TensorShape shape, int[] x) => [.. x.Chunk((int)shape.Positions)];

    private int[] Convolve(Convolution op, Node node, TensorShape from, int[] x)
    {
        var to = node.Shape;
        var (kernel, weights) = (_plan.OfKernel(node)!, _weights[node.Parameters[0]].Integers!);
        int zero = _plan.Of(_graph.Nodes[node.Inputs[0]])!.ZeroPoint;
        var pads = op.PadsFor(from);
        int inPerGroup = op.InChannels / op.Groups, outPerGroup = op.OutChannels / op.Groups;
        var y = new int[to.Count];
        for (int o = 0; o < to.Channels; o++)
        for (int row = 0; row < to.Height; row++)
        for (int column = 0; column < to.Width; column++)
        {
            long sum = 0;
            for (int i = 0; i < inPerGroup; i++)
            for (int kh = 0; kh < op.Kernel; kh++)
            for (int kw = 0; kw < op.KernelWidth; kw++)
            {
                int h = (row * op.Stride) - pads.Top + kh, w = (column * op.Stride) - pads.Left + kw;
                if (h < 0 || h >= from.Height || w < 0 || w >= from.Width) continue;
                int channel = (o / outPerGroup * inPerGroup) + i;
                long pixel = x[(((channel * from.Height) + h) * from.Width) + w] - zero;
                sum += pixel * (weights[(((((o * inPerGroup) + i) * op.Kernel) + kh) * op.KernelWidth) + kw] - kernel.ZeroPoint);
            }

            y[(((o * to.Height) + row) * to.Width) + column] = Finish(node, op.HasBias, sum, o);
        }

        return y;
    }

    private int[] Multiply(Linear op, Node node, int[] x)
    {
        var (kernel, weights) = (_plan.OfKernel(node)!, _weights[node.Parameters[0]].Integers!);
        int zero = _plan.Of(_graph.Nodes[node.Inputs[0]])!.ZeroPoint;
        var y = new int[op.OutFeatures];
        for (int o = 0; o < y.Length; o++)
        {
            long sum = 0;
            for (int i = 0; i < x.Length; i++) sum += (long)(x[i] - zero) * (weights[(o * x.Length) + i] - kernel.ZeroPoint);
            y[o] = Finish(node, op.HasBias, sum, o);
        }

        return y;
    }

    private int Finish(Node node, bool hasBias, long sum, int channel)
    {
        var (kernel, output) = (_plan.OfKernel(node)!, _plan.Of(node)!);
        float scale = _plan.Of(_graph.Nodes[node.Inputs[0]])!.Scale;
        if (hasBias) sum += _weights[node.Parameters[1]].Integers![channel];
        var factor = Requantization.OfProduct(_plan.Arithmetic, scale, kernel.ScaleOf(channel), output.Scale, kernel.IsPerChannel);
        return IntegerRounding.Saturate(factor.Apply(sum), output, _plan.Arithmetic);
    }

    private int[] Sum(Node node, int[][] inputs, ValueQuantization output)
    {
        var sum = new IntegerSum(
            _plan.Arithmetic, _plan.Of(_graph.Nodes[node.Inputs[0]])!, _plan.Of(_graph.Nodes[node.Inputs[1]])!, output);
        return [.. inputs[0].Zip(inputs[1], sum.Apply)];
    }

    private int[] Scale(Node node, int[][] inputs, ValueQuantization output)
    {
        var (map, gate) = (_plan.Of(_graph.Nodes[node.Inputs[0]])!, _plan.Of(_graph.Nodes[node.Inputs[1]])!);
        var factor = Requantization.OfProduct(_plan.Arithmetic, map.Scale, gate.Scale, output.Scale);
        int positions = (int)node.Shape.Positions;
        return [.. inputs[0].Select((value, i) => IntegerRounding.Saturate(
            factor.Apply((long)(value - map.ZeroPoint) * (inputs[1][i / positions] - gate.ZeroPoint)), output, _plan.Arithmetic))];
    }

    private int[] Mean(TensorShape from, int[] x, ValueQuantization input, ValueQuantization output)
    {
        int count = (int)from.Positions;
        var mean = new IntegerMean(_plan.Arithmetic, input, count, output);
        return [.. x.Chunk(count).Select(channel => mean.Apply(channel.Sum(value => (long)value)))];
    }

    // Padding that counts is integers that stand for 0.
    private int[] AverageUnderWindows(
        AveragePool op, TensorShape to, TensorShape from, int[] x, ValueQuantization input, ValueQuantization output)
    {
        var pads = op.PadsFor(from);
        var y = new int[to.Count];
        for (int c = 0; c < to.Channels; c++)
        for (int row = 0; row < to.Height; row++)
        for (int column = 0; column < to.Width; column++)
        {
            var seen = new List<int>();
            for (int kh = 0; kh < op.Kernel; kh++)
            for (int kw = 0; kw < op.Kernel; kw++)
            {
                int h = (row * op.Stride) - pads.Top + kh, w = (column * op.Stride) - pads.Left + kw;
                if (h >= 0 && h < from.Height && w >= 0 && w < from.Width) seen.Add(x[(((c * from.Height) + h) * from.Width) + w]);
                else if (op.CountsPadding) seen.Add(input.ZeroPoint);
            }

            y[(((c * to.Height) + row) * to.Width) + column] =
                new IntegerMean(_plan.Arithmetic, input, seen.Count, output).Apply(seen.Sum(value => (long)value));
        }

        return y;
    }

    private static int[] Padded(Pads pads, TensorShape from, TensorShape to, int[] x, int zero) =>
    [
        .. Enumerable.Range(0, (int)to.Count).Select(i =>
        {
            int c = i / to.Width / to.Height, h = (i / to.Width % to.Height) - pads.Top, w = (i % to.Width) - pads.Left;
            return h >= 0 && h < from.Height && w >= 0 && w < from.Width ? x[(((c * from.Height) + h) * from.Width) + w] : zero;
        }),
    ];

    private int[] Pool(MaxPool op, Node node, TensorShape from, int[] x, ValueQuantization input, ValueQuantization output)
    {
        var to = node.Shape;
        var pads = op.PadsFor(from);
        var y = new int[to.Count];
        for (int c = 0; c < to.Channels; c++)
        for (int row = 0; row < to.Height; row++)
        for (int column = 0; column < to.Width; column++)
        {
            int largest = int.MinValue;
            for (int kh = 0; kh < op.Kernel; kh++)
            for (int kw = 0; kw < op.Kernel; kw++)
            {
                int h = (row * op.Stride) - pads.Top + kh, w = (column * op.Stride) - pads.Left + kw;
                if (h >= 0 && h < from.Height && w >= 0 && w < from.Width)
                    largest = Math.Max(largest, x[(((c * from.Height) + h) * from.Width) + w]);
            }

            y[(((c * to.Height) + row) * to.Width) + column] = largest;
        }

        return ByTable(y, FunctionTable.Of(ActivationKind.Identity, input, output, _plan.Arithmetic), input);
    }

    private int[] ByChannel(Node node, int[] x, ValueQuantization input, ValueQuantization output)
    {
        int positions = (int)node.Shape.Positions;
        var tables = ChannelFunctions.Of(node, _weights).Select(function => FunctionTable.Of(function, input, output, _plan.Arithmetic)).ToArray();
        int lowest = FunctionTable.LowestOf(input);
        return [.. x.Select((value, i) => tables[i / positions][value - lowest])];
    }

    private static int[] ByTable(int[] x, int[] table, ValueQuantization input)
    {
        int lowest = FunctionTable.LowestOf(input);
        return [.. x.Select(value => table[value - lowest])];
    }
}
