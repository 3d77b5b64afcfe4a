using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads maxima and means over maps.</summary>
internal sealed class PoolingReader(ValueTable values, ValueBuilder steps)
{
    public Feature MaxPool(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0);
        if (x.Rank != 4 || x.ChannelAxis != 1 || x.Value.Shape.IsVector) throw node.Refuse("a map [N, C, H, W]", x.Describe());
        int stride = Windows.Stride(node);
        var (kernel, width) = Windows.Kernel(node);
        if (kernel != width) throw node.Refuse("a square window", $"{kernel}×{width}");
        var op = new MaxPool(kernel, stride, PaddingStyle.Same);
        var pads = Windows.Pads(node, x.Value.Shape, op.PadsFor(x.Value.Shape), out bool isSame);
        if (node.Integer("ceil_mode", 0) != 0) (pads, isSame) = (RoundedUp(pads, x.Value.Shape, kernel, stride), false);
        var source = x.Value;
        if (source is Padding padding)
        {
            (pads, isSame, source) = (Windows.Sum(padding.Pads, pads), false, padding.From);
            EnsureNeverCounts(node, padding);
        }

        if (Math.Max(Math.Max(pads.Top, pads.Bottom), Math.Max(pads.Left, pads.Right)) >= kernel) throw node.Refuse(
            "windows that all touch the map", $"{pads} around it");
        GraphValue pool = ValueBuilder.Layer(node, node.Name, Windows.WithPads(op, pads, source.Shape, isSame), [source]);
        // The largest of integers is one of them.
        if (x.IsIntegers) pool = steps.Round(node, pool, ValueBuilder.QuantizationOf(source)!);
        return Feature.Of(pool, "NCHW") with { IsIntegers = x.IsIntegers };
    }

    public Feature GlobalAveragePool(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        if (x.Rank != 4 || x.ChannelAxis != 1) throw node.Refuse("a map [N, C, H, W]", x.Describe());
        return Mean(node, x);
    }

    public Feature AveragePool(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        if (x.Rank != 4 || x.ChannelAxis != 1) throw node.Refuse("a map [N, C, H, W]", x.Describe());
        var shape = x.Value.Shape;
        var kernel = Windows.Kernel(node);
        var pads = Windows.Pads(node, shape, default, out bool isSame);
        if (isSame || pads != default || kernel != (Math.Max(1, shape.Height), Math.Max(1, shape.Width)))
            throw node.Refuse($"a window over the whole map of {shape}", $"{kernel.Height}×{kernel.Width}");
        return Mean(node, x);
    }

    public Feature ReduceMean(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        var named = node.HasInput(1) ? ConstantFolder.Integers(node, values.Constant(node, 1)) : node.Integers("axes");
        int[] axes = AxisRules.Resolve(node, named ?? throw node.Refuse("the axes of rows and columns", "none, which means all"), x.Rank);
        // Rows and columns belong together; the mean over a single entry is the entry.
        bool isWhole = axes.All(axis => x.Axes[axis] is 'H' or 'W' or '1') && (x.IsRow || axes.Count(axis => x.Axes[axis] != '1') == 2);
        if (!isWhole) throw node.Refuse($"the mean over rows and columns of {x.Describe()}", $"over the axes [{string.Join(", ", axes)}]");
        var mean = Mean(node, x);
        return node.Integer("keepdims", 1) != 0 ? mean : mean with
        {
            Axes = string.Concat(mean.Axes.Where((_, axis) => !axes.Contains(axis))),
        };
    }

    private static Feature Mean(OnnxNode node, Feature x) => x.IsRow ? x
        : x.With(ValueBuilder.Layer(node, node.Name, new GlobalAveragePool(), [x.Value]));

    // Rounding the number of windows up is the same as adding the rows and columns that the last one lacks; PyTorch leaves out a
    // window that would begin after the map.
    private static Pads RoundedUp(Pads pads, TensorShape map, int kernel, int stride)
    {
        return pads with { Bottom = End(map.Height, pads.Top, pads.Bottom), Right = End(map.Width, pads.Left, pads.Right) };

        int End(int length, int before, int after)
        {
            int room = length + before + after - kernel;
            if (room < 0) return after;
            int windows = ((room + stride - 1) / stride) + 1;
            if ((windows - 1) * stride >= length + before) windows--;
            return Math.Max(after, ((windows - 1) * stride) + kernel - length - before);
        }
    }

    // A pooling's own padding never counts. A zero does not either where no value is below it.
    private static void EnsureNeverCounts(OnnxNode node, Padding padding)
    {
        bool isPositive = (padding.From is Rounded rounded ? rounded.From : padding.From) is Layer
        {
            Operator: Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 or ActivationKind.Sigmoid or ActivationKind.HardSigmoid },
        };
        if (padding.Value <= float.MinValue || (padding.Value == 0 && isPositive)) return;
        throw node.Refuse("a padding that is below every value", $"{padding.Value} around '{padding.From.Name}'");
    }
}
