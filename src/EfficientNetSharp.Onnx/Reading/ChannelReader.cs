using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads what joins, parts and picks channels, and what cuts maps to a part of them.</summary>
internal sealed class ChannelReader(ValueTable values, ValueBuilder steps)
{
    public Feature Concat(OnnxNode node)
    {
        var first = values.Feature(node, 0);
        var inputs = Enumerable.Range(0, node.InputCount).Select(i => values.Feature(node, i)).ToArray();
        int axis = AxisRules.Resolve(node, [node.Integer("axis", 1)], first.Rank)[0];
        if (axis != first.ChannelAxis || inputs.Any(input => input.Axes != first.Axes))
            throw node.Refuse("values that are joined along their channels", string.Join(" and ", inputs.Take(8).Select(input => input.Describe())));
        if (inputs.Length == 1) return first;

        // A row may have been kept as a map of one pixel.
        bool isRow = inputs.Any(input => input.Value.Shape.IsVector);
        ImmutableArray<GraphValue> joined = [.. inputs.Select(input => isRow ? steps.AsRow(node, input.Value) : input.Value)];
        return first.With(ValueBuilder.Layer(node, node.Name, new Concatenation(inputs.Length), joined));
    }

    /// <summary>Parts of the channels, of equal size or as named.</summary>
    public IReadOnlyList<Feature> Split(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        int axis = AxisRules.Resolve(node, [node.Integer("axis", 0)], x.Rank)[0];
        if (axis != x.ChannelAxis) throw node.Refuse($"the channels of {x.Describe()} parted", $"the axis {axis}");
        int parts = node.Proto.Output.Count, channels = x.Value.Shape.Channels;
        var sizes = node.HasInput(1) ? ConstantFolder.Integers(node, values.Constant(node, 1)) : node.Integers("split");

        // Unequal parts of a number that is not told have the smaller one last (operator set 18).
        int size = (channels + parts - 1) / parts;
        var lengths = sizes ?? [.. Enumerable.Range(0, parts).Select(part => (long)Math.Min(size, channels - (part * size)))];
        if (lengths.Length != parts || lengths.Any(length => length is < 1 or > int.MaxValue) || lengths.Sum() != channels)
            throw node.Invalid($"{parts} parts of {channels} channels", $"[{string.Join(", ", lengths.Take(8))}]");
        var features = new List<Feature>();
        int first = 0;
        foreach (long length in lengths)
        {
            features.Add(Channels(node, $"{node.Name}.{features.Count}", x, first, (int)length));
            first += (int)length;
        }

        return features;
    }

    /// <summary>A range of channels, or of rows and columns, of which every so many may be left out.</summary>
    public Feature Slice(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        var starts = Range(node, "starts", 1) ?? throw node.Refuse("starts", "none");
        var ends = Range(node, "ends", 2) ?? throw node.Refuse("ends", "none");
        var named = Range(node, "axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = Range(node, "steps", 4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        int[] axes = AxisRules.Resolve(node, named, x.Rank);
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw node.Invalid($"{starts.Length} ends, axes and steps as it has starts", $"{ends.Length}, {axes.Length} and {steps.Length}");
        var pads = default(Pads);
        var strides = new Dictionary<char, long> { ['H'] = 1, ['W'] = 1 };
        for (int i = 0; i < axes.Length; i++)
        {
            char axis = x.Axes[axes[i]];
            if (axis == 'N' && starts[i] == 0 && ends[i] >= int.MaxValue && steps[i] == 1) continue;
            int length = x.Length(axes[i], 1);
            var (start, end) = (Clamp(starts[i], length), Clamp(ends[i], length));
            if (axis == 'N' || start >= end || steps[i] < 1 || (steps[i] > 1 && axis is not ('H' or 'W')))
                throw node.Refuse($"a range of the channels, rows or columns of {x.Describe()}", $"{starts[i]} to {ends[i]} by {steps[i]} of the axis {axes[i]}");
            if (axis == 'C') x = Channels(node, node.Name, x, start, end - start);
            if (axis == 'H') pads = pads with { Top = -start, Bottom = end - length };
            if (axis == 'W') pads = pads with { Left = -start, Right = end - length };
            if (steps[i] > 1) strides[axis] = steps[i];
        }

        if (pads != default) x = x.With(ValueBuilder.Moved(node, x.Value, pads));
        if (strides['H'] == 1 && strides['W'] == 1) return x;
        return strides['H'] == strides['W'] && strides['H'] <= TensorShape.MaxSide
            ? x.With(ValueBuilder.Layer(node, node.Name, new AveragePool(1, (int)strides['H'], PaddingStyle.None), [x.Value]))
            : throw node.Refuse("one step for rows and columns", $"{strides['H']} and {strides['W']}");
    }

    /// <summary>Channels in another order, some of them, or one entry of a row of shares, which a conditional convolution takes.</summary>
    public Feature Gather(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        var index = values.Constant(node, 1);
        int axis = AxisRules.Resolve(node, [node.Integer("axis", 0)], x.Rank)[0];
        if (x.Axes[axis] != 'C' || index.Dims.Length != 1 || index.Count == 0) throw node.Refuse("a list of channels", $"{index.DimsText} of {x.Describe()}");
        int channels = x.Value.Shape.Channels;
        int[] places = [.. ConstantFolder.Integers(node, index).Select(place => AxisRules.Index(node, place, channels))];
        if (places.Length == 1 && x.IsRow) return Feature.Of(new Share(node.Name, ValueBuilder.Whole(node, x.Value), places[0]), x.Axes);
        if (places.Select((place, i) => place - i).Distinct().Count() == 1) return Channels(node, node.Name, x, places[0], places.Length);

        // In a shuffle of G groups the second channel is the first of the second group.
        if (places.Length == channels && places[0] == 0 && channels % places[1] == 0)
        {
            var shuffle = new ChannelShuffle(channels / places[1]);
            if (places.Select((place, i) => place == shuffle.SourceOf(i, channels)).All(isSame => isSame))
                return x.With(ValueBuilder.Layer(node, node.Name, shuffle, [x.Value]));
        }

        throw node.Refuse("channels that follow each other, or are shuffled", $"[{string.Join(", ", places.Take(8))}, …]");
    }

    private static Feature Channels(OnnxNode node, string name, Feature x, int first, int count) => count == x.Value.Shape.Channels ? x
        : x.With(ValueBuilder.Layer(node, name, new ChannelSlice(first, count), [x.Value]));

    // Attributes before operator set 10, inputs from there on.
    private ImmutableArray<long>? Range(OnnxNode node, string name, int input) => node.Opset < 10 ? node.Integers(name)
        : node.HasInput(input) ? ConstantFolder.Integers(node, values.Constant(node, input)) : null;

    private static int Clamp(long place, int length) => (int)Math.Clamp(place < 0 ? place + length : place, 0, length);
}
