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
        if (node.Integer("ceil_mode", 0) != 0) 
            (pads, isSame) = (pads.RoundedUp(kernel, stride, x.Value.Shape.Height, x.Value.Shape.Width), false);
        var source = x.Value;
        if (source is Padding padding)
        {
            (pads, isSame, source) = (Windows.Sum(padding.Pads, pads), false, padding.From);
            EnsureNeverCounts(node, padding);
        }

        if (!Windows.Touch(pads, kernel)) throw node.Refuse(
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
        var map = x.Value.Shape;
        var (kernel, width) = Windows.Kernel(node);
        int stride = Windows.Stride(node);
        var pads = Windows.Pads(node, map, new AveragePool(kernel, stride, PaddingStyle.Same).PadsFor(map), out bool isSame);
        if (pads == default && kernel == Math.Max(1, map.Height) && width == Math.Max(1, map.Width)) return Mean(node, x);
        if (kernel != width || map.IsVector) throw node.Refuse("a square window, or one over the whole map", $"{kernel}×{width} on {map}");
        bool counts = node.Integer("count_include_pad", 0) != 0;
        if (node.Integer("ceil_mode", 0) != 0)
        {
            // What rounding up adds never counts, and one pooling has one rule.
            var rounded = pads.RoundedUp(kernel, stride, map.Height, map.Width);
            if (counts && pads != default && rounded != pads) throw node.Refuse("padding that counts, or windows rounded up", "both");
            if (rounded != pads) (pads, isSame, counts) = (rounded, false, false);
        }

        // A padded map's zeros count.
        var source = x.Value;
        if (source is Padding { Value: 0 } padding && (pads == default || counts))
            (pads, isSame, counts, source) = (Windows.Sum(padding.Pads, pads), false, true, padding.From);
        if (!Windows.Touch(pads, kernel)) throw node.Refuse("windows that all touch the map", $"{pads} around it");
        var op = new AveragePool(kernel, stride, PaddingStyle.Same) { CountsPadding = counts && pads != default };
        return Feature.Of(ValueBuilder.Layer(node, node.Name, Windows.WithPads(op, pads, source.Shape, isSame), [source]), "NCHW");
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
