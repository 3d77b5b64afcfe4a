using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads the operators that have weights.</summary>
internal sealed class LayerReader(ValueTable values, ValueBuilder steps, ICollection<string> notes)
{
    public Feature Convolution(OnnxNode node)
    {
        var x = MapOf(node, values.Feature(node, 0));
        var kernel = values.Floats(node, 1);
        if (kernel.Dims.Length != 4 || kernel.Dims.Contains(0)) throw node.Invalid("a kernel [out, in, rows, columns]", kernel.DimsText);
        int stride = Windows.Stride(node), channels = x.Value.Shape.Channels, height = kernel.Dims[2], width = kernel.Dims[3];
        long groups = node.Integer("group", 1);
        if (groups < 1 || groups > channels || channels % groups != 0 || kernel.Dims[0] % groups != 0
            || kernel.Dims[1] != channels / groups)
            throw node.Invalid($"a kernel for {channels} channels in {groups} groups", kernel.DimsText);
        Windows.EnsureKernel(node, height, width);

        // A padded map's zeros are the convolution's own.
        var padding = x.Value as Padding;
        if (padding is { Value: not 0 }) throw node.Refuse("zeros around its map", $"{padding.Value}");
        var source = padding?.From ?? x.Value;
        var op = new Convolution(channels, kernel.Dims[0], height, stride, (int)groups, PaddingStyle.Same, node.HasInput(2))
        {
            KernelWidth = width,
        };
        var pads = Windows.Pads(node, x.Value.Shape, op.PadsFor(x.Value.Shape), out bool isSame);
        if (padding is not null) (pads, isSame) = (Windows.Sum(padding.Pads, pads), false);
        op = Windows.WithPads(op, pads, source.Shape, isSame);
        var weight = KernelOf(node, kernel, kernel.Dims, 0, null);
        return Feature.Of(MakeLayer(node, op, source, weight, op.HasBias ? values.Vector(node, 2, op.OutChannels) : null), "NCHW");
    }

    public Feature BatchNormalization(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        if (x.ChannelAxis != 1) throw node.Refuse("channels as its second axis", x.Describe());
        if (node.Integer("spatial", 1) != 1) throw node.Refuse("statistics per channel", "statistics per position");
        // Before operator set 14 there was no such attribute; statistics as results told training.
        if (node.Integer("training_mode", 0) != 0 || node.Proto.Output.Count > 1) notes.Add(TrainingNote);
        int channels = x.Value.Shape.Channels;
        double epsilon = Windows.AsWritten(node.Number("epsilon", 1e-5f)), momentum = 1 - Windows.AsWritten(node.Number("momentum", 0.9f));
        if (!(epsilon >= 0)) throw node.Refuse("an epsilon of 0 or more", NumberText.Of(epsilon));
        // ONNX names the share of the old statistics; six digits undo the subtraction's rounding.
        var op = new BatchNormalization(channels, epsilon, Math.Round(momentum, 6));
        var layer = ValueBuilder.Layer(
            node, values.LayerName(node, 1), op, [x.Value],
            values.Vector(node, 1, channels), values.Vector(node, 2, channels), values.Vector(node, 3, channels),
            values.Vector(node, 4, channels));
        return x.With(layer);
    }

    public const string TrainingNote =
        "The file normalises with each batch's own statistics, as in training; here the running statistics are used, as in inference.";

    public Feature PRelu(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        var slope = values.Floats(node, 1);
        int channels = x.Value.Shape.Channels;
        // [C] belongs to the last axis by ONNX's rules; older files mean the channels by it, and where it fits only those it is read so.
        bool isChannels = slope.Count == channels && slope.Dims.Length == 1 && x.Length(x.Rank - 1, 1) != channels;
        float[] slopes = isChannels ? slope.Floats! : Expand(PerChannel.Of(node, x, slope), channels);
        return x.With(ValueBuilder.Layer(node, values.LayerName(node, 1), new PRelu(channels), [x.Value],
            new WeightTensor([channels], slopes)));
    }

    /// <summary>y = alpha · x · B + beta · C.</summary>
    public Feature Gemm(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        if (x.Axes != "NC") throw node.Refuse("a row [N, C]", x.Describe());
        if (node.Integer("transA", 0) != 0) throw node.Refuse("transA = 0", "1");
        bool isTransposed = node.Integer("transB", 0) != 0;
        var matrix = Matrix(node, x.Value.Shape.Channels, isTransposed, node.Number("alpha", 1));
        int outputs = matrix.Tensor.Shape[0];
        var row = steps.AsRow(node, x.Value);
        if (!node.HasInput(2)) return x.With(MakeLayer(node, new Linear(row.Shape.Channels, outputs, HasBias: false), row, matrix, null));

        float beta = node.Number("beta", 1);
        var bias = values.Floats(node, 2);
        if (bias.Count != 1 && (bias.Count != outputs || bias.Dims[^1] != outputs)) throw node.Refuse($"a bias of {outputs}",
            bias.DimsText);
        float[] shifts = beta == 1 && bias.Count == outputs ? bias.Floats!
            : [.. Enumerable.Range(0, outputs).Select(o => beta * bias.Floats![bias.Count == 1 ? 0 : o])];
        return x.With(MakeLayer(
            node, new Linear(row.Shape.Channels, outputs, HasBias: true), row, matrix, new WeightTensor([outputs], shifts)));
    }

    /// <summary>A product over the last axis: a linear layer, or over a map with channels last a convolution of one pixel.</summary>
    public Feature MatMul(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        if (x.ChannelAxis != x.Rank - 1) throw node.Refuse("channels as the last axis of its first input", x.Describe());
        int channels = x.Value.Shape.Channels;
        var matrix = Matrix(node, channels, isTransposed: false, 1);
        int outputs = matrix.Tensor.Shape[0];
        if (x.IsRow) return x.With(
            MakeLayer(node, new Linear(channels, outputs, HasBias: false), steps.AsRow(node, x.Value), matrix, null));
        return x.With(MakeLayer(node, new Convolution(channels, outputs, 1, 1, 1, PaddingStyle.Symmetric, HasBias: false), x.Value,
            matrix.WithShape([outputs, channels, 1, 1]), null));
    }

    // [out, in], from that or its transpose.
    private LayerKernel Matrix(OnnxNode node, int inputs, bool isTransposed, float factor)
    {
        var constant = values.Floats(node, 1);
        if (constant.Dims.Length != 2 || constant.Count == 0 || constant.Dims[isTransposed ? 1 : 0] != inputs)
            throw node.Refuse($"a matrix for {inputs} inputs", constant.DimsText);
        int outputs = constant.Dims[isTransposed ? 0 : 1];
        // With a factor they are other numbers than those that the integers stand for.
        if (factor != 1) constant = Constant.Of(constant.Dims, Array.ConvertAll(constant.Floats!, value => factor * value));
        return isTransposed
            ? KernelOf(node, constant, [outputs, inputs], 0, null)
            : KernelOf(node, constant, [outputs, inputs], 1, i => (i % inputs * outputs) + (i / inputs));
    }

    private LayerKernel KernelOf(OnnxNode node, Constant constant, ImmutableArray<int> shape, int axis, Func<int, int>? sourceOf)
    {
        var kernel = LayerKernel.Of(constant, shape, axis, sourceOf, out bool isLeftInFloats);
        if (isLeftInFloats) notes.Add(
            $"The kernel of '{node.Name}' has integers with scales or zero points that only ONNX Runtime computes with; its floats are taken here.");
        return kernel;
    }

    // Its bias is the third input.
    private Layer MakeLayer(OnnxNode node, Operator op, GraphValue x, LayerKernel kernel, WeightTensor? bias)
    {
        var origin = bias is null ? null : values.Constant(node, 2).Origin;
        return ValueBuilder.Layer(
            node, values.LayerName(node, 1), op, [x], [kernel.Tensor, .. bias is null ? ImmutableArray<WeightTensor>.Empty : [bias]],
            kernel.Quantization, origin is not null && origin.Values.Length == bias!.Values.Length ? origin : null);
    }

    private Feature MapOf(OnnxNode node, Feature x)
    {
        if (x.Rank != 4 || x.ChannelAxis != 1) throw node.Refuse("a map [N, C, H, W]", x.Describe());
        return Feature.Of(steps.AsMap(node, x.Value), "NCHW");
    }

    private static float[] Expand(double[] values, int channels) =>
        [.. Enumerable.Range(0, channels).Select(c => (float)values[values.Length == 1 ? 0 : c])];
}
