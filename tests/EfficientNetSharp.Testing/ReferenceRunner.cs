using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing;

/// <summary>
/// The operators as their definitions say, one image and one value at a time, in double precision: slow, and made to be
/// read. Fast backends are held against it at small sizes.
/// </summary>
public sealed class ReferenceRunner(Graph graph, WeightSet weights) : IModelRunner
{
    /// <inheritdoc />
    public string Backend => "reference";

    /// <inheritdoc />
    public TensorShape InputShape => graph.Input.Shape;

    /// <inheritdoc />
    public TensorShape OutputShape => graph.Output.Shape;

    /// <inheritdoc />
    public ImmutableArray<TensorShape> OutputShapes => [.. graph.Outputs.Select(output => output.Shape)];

    /// <inheritdoc />
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
    {
        for (int n = 0; n < batch; n++) Place(Evaluate(ImageOf(input, n)), n, output);
    }

    /// <inheritdoc />
    public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
    {
        for (int n = 0; n < batch; n++)
        {
            double[][] rows = EvaluateAll(ImageOf(input, n));
            for (int i = 0; i < outputs.Length; i++) Place(rows[i], n, outputs[i].Span);
        }
    }

    /// <summary>The output for one image, the first where there are several.</summary>
    public double[] Evaluate(float[] image) => EvaluateAll(image)[0];

    /// <summary>The outputs for one image.</summary>
    public double[][] EvaluateAll(float[] image)
    {
        var values = new double[graph.Nodes.Length][];
        var evaluator = new Evaluator(graph, weights, image, values);
        foreach (var node in graph.Nodes) values[node.Index] = node.Operator.Accept(evaluator, node);
        return [.. graph.Outputs.Select(output => values[output.Index])];
    }

    /// <summary>The value of one node from those of its inputs, which stand at their nodes' positions in <paramref name="values"/>.</summary>
    public static double[] Evaluate(Graph graph, WeightSet weights, Node node, double[][] values) =>
        node.Operator.Accept(new Evaluator(graph, weights, [], values), node);

    private float[] ImageOf(ReadOnlySpan<float> input, int n)
    {
        int length = (int)InputShape.Count;
        return input.Slice(n * length, length).ToArray();
    }

    private static void Place(double[] row, int n, Span<float> output)
    {
        for (int i = 0; i < row.Length; i++) output[(n * row.Length) + i] = (float)row[i];
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private sealed class Evaluator(Graph graph, WeightSet weights, float[] image, double[][] values) : IOperatorVisitor<Node, double[]>
    {
        public double[] Visit(Input op, Node node) => [.. image.Select(value => (double)value)];

        public double[] Visit(Convolution op, Node node)
        {
            double[] kernel = [.. Tensor(node, 0).Select(value => (double)value)];
            return Convolve(op, node, kernel);
        }

        public double[] Visit(ConditionalConvolution op, Node node)
        {
            float[] kernels = Tensor(node, 0);
            double[] shares = Second(node), mixed = new double[kernels.Length / op.Experts];
            for (int e = 0; e < op.Experts; e++)
            for (int k = 0; k < mixed.Length; k++)
                mixed[k] += shares[e] * kernels[(e * mixed.Length) + k];
            return Convolve(op.Shape, node, mixed);
        }

        private double[] Convolve(Convolution op, Node node, double[] kernel)
        {
            var from = graph.Nodes[node.Inputs[0]].Shape;
            var to = node.Shape;
            double[] x = First(node), y = new double[to.Count];
            float[]? bias = op.HasBias ? weights[node.Parameters[1]].Values : null;
            var pads = op.PadsFor(from);
            int inPerGroup = op.InChannels / op.Groups, outPerGroup = op.OutChannels / op.Groups;
            for (int o = 0; o < to.Channels; o++)
            for (int row = 0; row < to.Height; row++)
            for (int column = 0; column < to.Width; column++)
            {
                double sum = bias?[o] ?? 0;
                for (int i = 0; i < inPerGroup; i++)
                for (int kh = 0; kh < op.Kernel; kh++)
                for (int kw = 0; kw < op.KernelWidth; kw++)
                {
                    int h = (row * op.Stride) - pads.Top + kh, w = (column * op.Stride) - pads.Left + kw;
                    if (h < 0 || h >= from.Height || w < 0 || w >= from.Width) continue;
                    int channel = (o / outPerGroup * inPerGroup) + i;
                    sum += x[(((channel * from.Height) + h) * from.Width)
                        + w] * kernel[(((((o * inPerGroup) + i) * op.Kernel) + kh) * op.KernelWidth) + kw];
                }

                y[(((o * to.Height) + row) * to.Width) + column] = sum;
            }

            return y;
        }

        public double[] Visit(BatchNormalization op, Node node)
        {
            float[] scale = Tensor(node, 0), shift = Tensor(node, 1), mean = Tensor(node, 2), variance = Tensor(node, 3);
            return ByChannel(node, (value, c) => (scale[c] * (value - mean[c]) / Math.Sqrt(variance[c] + op.Epsilon)) + shift[c]);
        }

        public double[] Visit(Activation op, Node node) => [.. First(node).Select(x => op.Kind switch
        {
            ActivationKind.Identity => x,
            ActivationKind.Relu => Math.Max(x, 0),
            ActivationKind.Relu6 => Math.Min(Math.Max(x, 0), 6),
            ActivationKind.Silu => x * Sigmoid(x),
            ActivationKind.Sigmoid => Sigmoid(x),
            ActivationKind.HardSigmoid => HardSigmoid(x),
            ActivationKind.HardSwish => x * HardSigmoid(x),
            _ => throw new ArgumentException($"The reference has no activation {op.Kind}.", nameof(op)),
        })];

        public double[] Visit(PRelu op, Node node)
        {
            float[] slope = Tensor(node, 0);
            return ByChannel(node, (value, c) => value >= 0 ? value : slope[c] * value);
        }

        public double[] Visit(MaxPool op, Node node) =>
            Pool(node, op.Kernel, op.Stride, op.PadsFor(graph.Nodes[node.Inputs[0]].Shape), seen => seen.Max());

        public double[] Visit(AveragePool op, Node node) => Pool(
            node, op.Kernel, op.Stride, op.PadsFor(graph.Nodes[node.Inputs[0]].Shape),
            seen => seen.Sum() / (op.CountsPadding ? op.Kernel * op.Kernel : seen.Count));

        // What a function makes of the values of the map that each window sees.
        private double[] Pool(Node node, int kernel, int stride, Pads pads, Func<List<double>, double> function)
        {
            var from = graph.Nodes[node.Inputs[0]].Shape;
            var to = node.Shape;
            double[] x = First(node), y = new double[to.Count];
            for (int c = 0; c < to.Channels; c++)
            for (int row = 0; row < to.Height; row++)
            for (int column = 0; column < to.Width; column++)
            {
                var seen = new List<double>();
                for (int kh = 0; kh < kernel; kh++)
                for (int kw = 0; kw < kernel; kw++)
                {
                    int h = (row * stride) - pads.Top + kh, w = (column * stride) - pads.Left + kw;
                    if (h >= 0 && h < from.Height && w >= 0 && w < from.Width) seen.Add(x[(((c * from.Height) + h) * from.Width) + w]);
                }

                y[(((c * to.Height) + row) * to.Width) + column] = function(seen);
            }

            return y;
        }

        public double[] Visit(ZeroPad op, Node node)
        {
            var from = graph.Nodes[node.Inputs[0]].Shape;
            var (to, pads) = (node.Shape, op.PadsFor(from));
            double[] x = First(node), y = new double[to.Count];
            for (int c = 0; c < to.Channels; c++)
            for (int row = 0; row < to.Height; row++)
            for (int column = 0; column < to.Width; column++)
            {
                int h = row - pads.Top, w = column - pads.Left;
                if (h >= 0 && h < from.Height && w >= 0 && w < from.Width)
                    y[(((c * to.Height) + row) * to.Width) + column] = x[(((c * from.Height) + h) * from.Width) + w];
            }

            return y;
        }

        // With channels outermost, values lie as channels do.
        public double[] Visit(Concatenation op, Node node) => [.. node.Inputs.SelectMany(input => values[input])];

        public double[] Visit(ChannelSlice op, Node node)
        {
            int positions = (int)node.Shape.Positions;
            return First(node)[(op.First * positions)..((op.First + op.Count) * positions)];
        }

        public double[] Visit(ChannelShuffle op, Node node)
        {
            int positions = (int)node.Shape.Positions, each = node.Shape.Channels / op.Groups;
            double[] x = First(node), y = new double[x.Length];
            for (int group = 0; group < op.Groups; group++)
            for (int channel = 0; channel < each; channel++)
                Array.Copy(x, ((group * each) + channel) * positions, y, ((channel * op.Groups) + group) * positions, positions);
            return y;
        }

        public double[] Visit(GlobalAveragePool op, Node node)
        {
            var from = graph.Nodes[node.Inputs[0]].Shape;
            return [.. First(node).Chunk((int)from.Positions).Select(channel => channel.Average())];
        }

        public double[] Visit(Flatten op, Node node) => First(node);

        public double[] Visit(Linear op, Node node)
        {
            double[] x = First(node), y = new double[op.OutFeatures];
            float[] matrix = Tensor(node, 0);
            float[]? bias = op.HasBias ? Tensor(node, 1) : null;
            for (int o = 0; o < op.OutFeatures; o++)
            {
                y[o] = bias?[o] ?? 0;
                for (int i = 0; i < op.InFeatures; i++) y[o] += x[i] * matrix[(o * op.InFeatures) + i];
            }

            return y;
        }

        public double[] Visit(Add op, Node node) => [.. First(node).Zip(Second(node), (a, b) => a + b)];

        public double[] Visit(Gate op, Node node)
        {
            double[] gate = Second(node);
            return ByChannel(node, (value, c) => value * gate[c]);
        }

        public double[] Visit(Dropout op, Node node) => First(node);

        public double[] Visit(StochasticDepth op, Node node) => First(node);

        private static double HardSigmoid(double x) => Math.Min(Math.Max(x + 3, 0), 6) / 6;

        private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

        private double[] First(Node node) => values[node.Inputs[0]];

        private double[] Second(Node node) => values[node.Inputs[1]];

        private float[] Tensor(Node node, int index) => weights[node.Parameters[index]].Values;

        private double[] ByChannel(Node node, Func<double, int, double> function)
        {
            int positions = (int)node.Shape.Positions;
            return [.. First(node).Select((value, i) => function(value, i / positions))];
        }
    }
}
