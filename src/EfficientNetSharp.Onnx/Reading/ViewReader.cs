using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads what only rearranges values: most of it changes how the axes lie, not the network.</summary>
/// <param name="values">Values by name.</param>
/// <param name="steps">Makes steps.</param>
/// <param name="batch">Images at once, for the arithmetic with shapes.</param>
/// <param name="notes">Receives what is left out.</param>
internal sealed class ViewReader(ValueTable values, ValueBuilder steps, int batch, ICollection<string> notes)
{
    public Feature Same(OnnxNode node) => values.TryFeature(node.Proto.Input.FirstOrDefault() ?? "") ?? values.FeatureOfAnyType(node, 0);

    public Feature Cast(OnnxNode node) => AxisRules.IsFloat(node.Integer("to", 0))
        ? Same(node)
        : throw node.Refuse("a cast to floats", $"the type {node.Integer("to", 0)}");

    public Constant Shape(OnnxNode node)
    {
        var dims = values.FeatureInGroups(node, 0).Dims(batch);
        int rank = dims.Length;
        int start = (int)Math.Clamp(Positive(node.Integer("start", 0)), 0, rank),
            end = (int)Math.Clamp(Positive(node.Integer("end", rank)), start, rank);
        return Constant.Of([end - start], [.. dims.Skip(start).Take(end - start).Select(dimension => (long)dimension)]);

        long Positive(long axis) => axis < 0 ? axis + rank : axis;
    }

    public Feature Transpose(OnnxNode node)
    {
        var x = values.FeatureInGroups(node, 0);
        string axes = string.Concat(AxisRules.Permutation(node, x.Rank).Select(axis => x.Axes[axis]));
        return axes[0] == 'N' ? x with { Axes = axes }
            : throw node.Refuse("the batch as its first axis", string.Join(", ", node.Integers("perm") ?? []));
    }

    public Feature Flatten(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0);
        long axis = node.Integer("axis", 1);
        return axis == 1 || axis == 1 - x.Rank ? Row(node, x) with { Axes = "NC" } : throw node.Refuse("axis 1", $"{axis}");
    }

    public Feature Reshape(OnnxNode node)
    {
        var x = values.FeatureInGroups(node, 0);
        var from = x.Dims(batch);
        var to = AxisRules.Reshape(node, from, ConstantFolder.Integers(node, values.Constant(node, 1)));
        if (to.SequenceEqual(from) && !x.IsCut) return x;
        // All entries of an image along one axis, and nothing along the others.
        long count = x.Value.Shape.Count;
        int axis = x.IsRow && count == 1 && x.ChannelAxis < to.Length ? x.ChannelAxis : to.IndexOf((int)count, Math.Min(1, to.Length));
        bool isRow = to.Length > 1 && to[0] == batch && axis > 0 && to.Skip(1)
            .Aggregate(1L, (product, dimension) => product * dimension) == count;
        // Of a single channel, rows and columns on one axis are all entries, too; they stay a map's, as in a shuffle.
        bool isPlane = x.Axes == "NCHW" && x.Value.Shape.Channels == 1 && to.Length == 4 && axis > 1;
        if (!isRow || isPlane || x.IsCut)
        {
            return GroupRules.Reshape(node, x, to, batch)
                ?? throw node.Refuse($"{x.Describe()} made a row, a row with axes of 1, or channels in groups", $"[{string.Join(", ", to)}]");
        }

        return Row(node, x) with { Axes = string.Concat(Enumerable.Range(0, to.Length).Select(i => i == 0 ? 'N' : i == axis ? 'C' : '1')) };
    }

    public Feature Squeeze(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0);
        int[] axes = AxisRules.Resolve(node, Axes(node) ?? throw node.Refuse("axes", "none, which would drop a batch of 1"), x.Rank);
        if (axes.Any(axis => x.Axes[axis] != '1')) throw node.Refuse($"axes of {x.Describe()} without content",
            $"[{string.Join(", ", axes)}]");
        return x with { Axes = string.Concat(x.Axes.Where((_, axis) => !axes.Contains(axis))) };
    }

    public Feature Unsqueeze(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0);
        var named = Axes(node) ?? throw node.Refuse("axes", "none");
        var axes = x.Axes.ToList();
        foreach (int axis in AxisRules.Resolve(node, named, x.Rank + named.Length).Order()) axes.Insert(axis, '1');
        return axes[0] == 'N' ? x with { Axes = string.Concat(axes) } : throw node.Refuse("the batch as its first axis", "another");
    }

    /// <summary>Constant values around a map, by attribute before operator set 11 and by input since.</summary>
    public Feature Pad(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        string mode = node.Text("mode", "constant");
        if (mode != "constant") throw node.Refuse("constant values around its map", EfficientNetSharp.Files.OneLine.Quote(mode));
        bool hasAttributes = node.Opset < 11;
        var pads = (hasAttributes ? node.Integers("pads") : ConstantFolder.Integers(node, values.Constant(node, 1)))
            ?? throw node.Refuse("pads", "none");
        float value = hasAttributes ? node.Number("value", 0)
            : (float)(values.OptionalConstant(node, 2) is { Count: 1 } constant ? constant[0] : 0);
        int[] axes = !hasAttributes && node.HasInput(3)
            ? AxisRules.Resolve(node, ConstantFolder.Integers(node, values.Constant(node, 3)), x.Rank)
            : [.. Enumerable.Range(0, x.Rank)];
        if (pads.Length != 2 * axes.Length || pads.Any(pad => pad is < -ushort.MaxValue or > ushort.MaxValue))
            throw node.Invalid($"{2 * axes.Length} pads of at most {ushort.MaxValue}", $"[{string.Join(", ", pads.Take(8))}]");
        if (pads.All(pad => pad == 0)) return x;
        if (x.IsRow && x.Rank == 4) x = OnePixel(node, x);
        if (x.Value.Shape.IsVector || axes.Where((axis, i) => x.Axes[axis] is not ('H' or 'W') && (pads[i] != 0 || pads[i + axes.Length] != 0)).Any())
            throw node.Refuse($"pads for the rows and columns of {x.Describe()}", $"[{string.Join(", ", pads.Take(8))}]");
        var around = new Pads(Before('H'), Before('W'), After('H'), After('W'));
        if (pads.All(pad => pad >= 0)) return x.With(new Padding(node.Name, ValueBuilder.Whole(node, x.Value), around, value));
        return value == 0 || pads.All(pad => pad <= 0) ? x.With(ValueBuilder.Moved(node, x.Value, around))
            : throw node.Refuse("zeros beside rows and columns that are taken away", $"{value}");

        int Index(char axis) => Array.FindIndex(axes, i => x.Axes[i] == axis);

        int Before(char axis) => Index(axis) is >= 0 and var i ? (int)pads[i] : 0;

        int After(char axis) => Index(axis) is >= 0 and var i ? (int)pads[i + axes.Length] : 0;
    }

    public Feature Softmax(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        // Before operator set 13 the axis and all after it were one; the default was the second.
        long axis = node.Integer("axis", node.Opset < 13 ? 1 : -1);
        if (!x.IsRow || AxisRules.Resolve(node, [axis], x.Rank)[0] != x.ChannelAxis) throw node.Refuse("the channels of a row",
            x.Describe());
        notes.Add($"The softmax '{EfficientNetSharp.Files.OneLine.Clean(node.Name)}' at the end is left out: the network yields logits.");
        return x with { IsSoftmax = true };
    }

    // A map of one pixel, whose rows and columns mean something now.
    private Feature OnePixel(OnnxNode node, Feature x)
    {
        int row = x.Axes.IndexOf('1', StringComparison.Ordinal), column = x.Axes.LastIndexOf('1');
        if (row < 0 || row == column) return x;
        char[] axes = x.Axes.ToCharArray();
        (axes[row], axes[column]) = ('H', 'W');
        return new Feature(steps.AsMap(node, x.Value), new string(axes));
    }

    private ImmutableArray<long>? Axes(OnnxNode node) => node.HasInput(1) ? ConstantFolder.Integers(node, values.Constant(node, 1))
        : node.Integers("axes");

    // A map's values one after another, which is ours only where channels come first.
    private Feature Row(OnnxNode node, Feature x)
    {
        if (x.IsRow) return x;
        if (x.Axes != "NCHW" && x.Value.Shape.Channels > 1) throw node.Refuse("channels before rows and columns", x.Describe());
        return Feature.Of(steps.AsRow(node, x.Value), "NC") with { IsIntegers = x.IsIntegers };
    }
}
