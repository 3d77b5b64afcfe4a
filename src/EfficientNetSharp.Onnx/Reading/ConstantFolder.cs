using System.Collections.Immutable;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Computes nodes whose inputs are all known: the arithmetic with shapes that PyTorch writes before a reshape or padding, and
/// weights that are turned around before use.
/// </summary>
internal sealed class ConstantFolder(FoldingBudget budget)
{
    /// <summary>The result, or <see langword="null"/> where the operator is none of those computed here.</summary>
    public Constant? Fold(OnnxNode node, Constant[] inputs)
    {
        if (inputs.Length == 0) return null;
        return node.Type switch
        {
            "Identity" => inputs[0],
            "Cast" => Cast(node, inputs[0]),
            "Reshape" when inputs.Length == 2 => inputs[0].WithDims(AxisRules.Reshape(node, inputs[0].Dims, Integers(node, inputs[1]))),
            "Squeeze" => Squeeze(node, inputs),
            "Unsqueeze" => Unsqueeze(node, inputs),
            "Transpose" => Transpose(node, inputs[0]),
            "Concat" => Concat(node, inputs),
            "Gather" when inputs.Length == 2 => Gather(node, inputs[0], inputs[1]),
            "Slice" => Slice(node, inputs),
            "ConstantOfShape" => Filled(node, inputs[0]),
            "Shape" when !node.Has("start") && !node.Has("end") =>
            Constant.Of([inputs[0].Dims.Length], [.. inputs[0].Dims.Select(dimension => (long)dimension)]),
            "Floor" => Map(inputs[0], Math.Floor),
            "Ceil" => Map(inputs[0], Math.Ceiling),
            "Neg" => Map(inputs[0], value => -value),
            "Sqrt" => Map(inputs[0], Math.Sqrt),
            "Add" when inputs.Length == 2 => Pairwise(node, inputs, (a, b) => a + b, (a, b) => a + b),
            "Sub" when inputs.Length == 2 => Pairwise(node, inputs, (a, b) => a - b, (a, b) => a - b),
            "Mul" when inputs.Length == 2 => Pairwise(node, inputs, (a, b) => a * b, (a, b) => a * b),
            "Div" when inputs.Length == 2 => Pairwise(node, inputs, (a, b) => a / b, (a, b) => Divide(node, a, b)),
            "Max" when inputs.Length == 2 => Pairwise(node, inputs, Math.Max, Math.Max),
            "Min" when inputs.Length == 2 => Pairwise(node, inputs, Math.Min, Math.Min),
            _ => null,
        };
    }

    /// <summary>Whole numbers, such as axes, of a constant.</summary>
    public static ImmutableArray<long> Integers(OnnxNode node, Constant constant) => constant.Integers is { } values
        ? [.. values]
        : throw node.Refuse("whole numbers for its axes or dimensions", "floats");

    private static long Divide(OnnxNode node, long a, long b) => b is 0 or -1
        ? throw node.Refuse("a positive divisor", $"{b}")
        : a / b;

    private Constant Map(Constant x, Func<double, double> function)
    {
        budget.Take(x.Count);
        return x.Floats is { } floats
            ? Constant.Of(x.Dims, Array.ConvertAll(floats, value => (float)function(value)))
            : Constant.Of(x.Dims, Array.ConvertAll(x.Integers!, value => (long)function(value)));
    }

    private Constant Cast(OnnxNode node, Constant x)
    {
        bool toFloat = AxisRules.IsFloat(node.Integer("to", 0));
        if (toFloat == x.Floats is not null) return x;
        budget.Take(x.Count);
        return toFloat
            ? Constant.Of(x.Dims, Array.ConvertAll(x.Integers!, value => (float)value))
            : Constant.Of(x.Dims, Array.ConvertAll(x.Floats!, value => (long)value));
    }

    private static ImmutableArray<long>? Axes(OnnxNode node, Constant[] inputs) => inputs.Length > 1 ? Integers(node, inputs[1])
        : node.Integers("axes");

    private static Constant Squeeze(OnnxNode node, Constant[] inputs)
    {
        var dims = inputs[0].Dims;
        int[] axes = Axes(node, inputs) is { } named
            ? AxisRules.Resolve(node, named, dims.Length)
            : [.. Enumerable.Range(0, dims.Length).Where(axis => dims[axis] == 1)];
        if (axes.Any(axis => dims[axis] != 1)) throw node.Refuse("axes of one entry", inputs[0].DimsText);
        return inputs[0].WithDims([.. dims.Where((_, axis) => !axes.Contains(axis))]);
    }

    private static Constant Unsqueeze(OnnxNode node, Constant[] inputs)
    {
        var named = Axes(node, inputs) ?? throw node.Refuse("axes", "none");
        var dims = inputs[0].Dims.ToList();
        foreach (int axis in AxisRules.Resolve(node, named, dims.Count + named.Length).Order()) dims.Insert(axis, 1);
        return inputs[0].WithDims([.. dims]);
    }

    private Constant Transpose(OnnxNode node, Constant x)
    {
        int rank = x.Dims.Length;
        var order = AxisRules.Permutation(node, rank);
        ImmutableArray<int> dims = [.. order.Select(axis => x.Dims[axis])];
        var strides = Strides(x.Dims);
        return Pick(x, dims, index => order.Select((axis, i) => index[i] * strides[axis]).Sum(), axis => Array.IndexOf(order, axis));
    }

    private Constant Gather(OnnxNode node, Constant x, Constant indices)
    {
        if (x.Dims.Length == 0) throw node.Refuse("a tensor with axes", "a single number");
        int axis = AxisRules.Resolve(node, [node.Integer("axis", 0)], x.Dims.Length)[0], rank = indices.Dims.Length;
        var chosen = Integers(node, indices).Select(index => AxisRules.Index(node, index, x.Dims[axis])).ToArray();
        var strides = Strides(x.Dims);
        var inner = Strides(indices.Dims);
        ImmutableArray<int> dims = [.. x.Dims.Take(axis), .. indices.Dims, .. x.Dims.Skip(axis + 1)];
        return Pick(x, dims, index =>
        {
            int position = 0, which = 0;
            for (int i = 0; i < axis; i++) position += index[i] * strides[i];
            for (int i = 0; i < rank; i++) which += index[axis + i] * inner[i];
            for (int i = axis + 1; i < x.Dims.Length; i++) position += index[i + rank - 1] * strides[i];
            return position + (chosen[which] * strides[axis]);
        });
    }

    private Constant Slice(OnnxNode node, Constant[] inputs)
    {
        var x = inputs[0];
        var starts = Named("starts", 1) ?? throw node.Refuse("starts", "none");
        var ends = Named("ends", 2) ?? throw node.Refuse("ends", "none");
        int[] axes = AxisRules.Resolve(node, Named("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)],
            x.Dims.Length);
        var steps = Named("steps", 4) ?? [.. axes.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
            throw node.Refuse("as many starts as ends, axes and steps",
                $"{starts.Length}, {ends.Length}, {axes.Length} and {steps.Length}");
        var first = new int[x.Dims.Length];
        var step = Enumerable.Repeat(1, x.Dims.Length).ToArray();
        var dims = x.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            int length = x.Dims[axes[i]];
            bool back = steps[i] < 0;
            long from = Math.Clamp(starts[i] < 0 ? starts[i] + length : starts[i], 0, back ? length - 1 : length);
            long to = Math.Clamp(ends[i] < 0 ? ends[i] + length : ends[i], back ? -1 : 0, length);
            long by = Math.Clamp(steps[i], -int.MaxValue, int.MaxValue);
            long count = Math.Max(0, back ? (from - to - by - 1) / -by : (to - from + by - 1) / by);
            (first[axes[i]], step[axes[i]], dims[axes[i]]) = ((int)from, (int)by, (int)count);
        }

        var strides = Strides(x.Dims);
        return Pick(x, [.. dims], index => index.Select((at, axis) => (first[axis] + (at * step[axis])) * strides[axis]).Sum());

        ImmutableArray<long>? Named(string name, int input) =>
            node.Opset < 10 ? node.Integers(name) : input < inputs.Length ? Integers(node, inputs[input]) : null;
    }

    private Constant Concat(OnnxNode node, Constant[] inputs)
    {
        var dims = inputs[0].Dims;
        if (dims.Length == 0
            || inputs.Any(input => (input.Floats is null) != (inputs[0].Floats is null))) throw node.Refuse("tensors of one type with axes",
            inputs[0].DimsText);
        int axis = AxisRules.Resolve(node, [node.Integer("axis", 0)], dims.Length)[0];
        foreach (var input in inputs)
        {
            if (!input.Dims.RemoveAt(Math.Min(axis, Math.Max(0, input.Dims.Length - 1))).SequenceEqual(dims.RemoveAt(axis)))
                throw node.Refuse($"tensors like {inputs[0].DimsText}", input.DimsText);
        }

        budget.Take(inputs.Sum(input => (long)input.Count));
        int outer = dims.Take(axis).Aggregate(1, (product, dimension) => product * dimension);
        ImmutableArray<int> joined = dims.SetItem(axis, inputs.Sum(input => input.Dims[axis]));
        return inputs[0].Floats is null
            ? Constant.Of(joined, Join(input => input.Integers!))
            : Constant.Of(joined, Join(input => input.Floats!));

        T[] Join<T>(Func<Constant, T[]> values) => [.. Enumerable.Range(0, outer).SelectMany(row => inputs.SelectMany(input =>
            new ArraySegment<T>(values(input), row * (input.Count / Math.Max(1, outer)), input.Count / Math.Max(1, outer))))];
    }

    private Constant Filled(OnnxNode node, Constant shape)
    {
        var dims = AxisRules.Dims(node, Integers(node, shape));
        long count = AxisRules.Count(node, dims);
        budget.Take(count);
        var value = node.Tensor("value") is { } tensor ? new TensorDecoder("").Decode(tensor) : Constant.Of([1], [0f]);
        if (value.Count != 1) throw node.Refuse("one value to repeat", value.DimsText);
        return value.Pick(dims, new int[count]);
    }

    private Constant Pairwise(OnnxNode node, Constant[] inputs, Func<double, double, double> ofFloats, Func<long, long, long> ofIntegers)
    {
        var (a, b) = (inputs[0], inputs[1]);
        if ((a.Floats is null) != (b.Floats is null)) throw node.Refuse("two tensors of one type", "others");
        int rank = Math.Max(a.Dims.Length, b.Dims.Length);
        var (x, y) = (Widen(a.Dims), Widen(b.Dims));
        if (x.Zip(y).Any(pair => pair.First != pair.Second && pair.First != 1 && pair.Second != 1)) throw node.Refuse(
            $"a tensor that fits {a.DimsText}", b.DimsText);
        ImmutableArray<int> dims = [.. x.Zip(y, (first, second) => first == 1 ? second : first)];
        // Repeated along the axes where one of the two has a single entry.
        Constant left = Repeat(a, x), right = Repeat(b, y);
        return left.Floats is { } floats
            ? Constant.Of(dims, [.. floats.Zip(right.Floats!, (first, second) => (float)ofFloats(first, second))])
            : Constant.Of(dims, [.. left.Integers!.Zip(right.Integers!, ofIntegers)]);

        int[] Widen(ImmutableArray<int> narrow) => [.. Enumerable.Repeat(1, rank - narrow.Length), .. narrow];

        Constant Repeat(Constant constant, int[] wide)
        {
            var strides = Strides([.. wide]);
            return Pick(constant, dims, index => index.Select((at, axis) => wide[axis] == 1 ? 0 : at * strides[axis]).Sum());
        }
    }

    // The element at each index of the result, whose position in the source is computed from that index.
    private Constant Pick(Constant x, ImmutableArray<int> dims, Func<int[], int> position, Func<int, int>? axisOf = null)
    {
        long count = dims.Aggregate(1L, (product, dimension) => dimension == 0 ? 0 : product > int.MaxValue ? product
            : product * dimension);
        budget.Take(count);
        var positions = new int[count];
        var index = new int[dims.Length];
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = position(index);
            for (int axis = dims.Length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--) index[axis] = 0;
        }

        return x.Pick(dims, positions, axisOf);
    }

    private static int[] Strides(ImmutableArray<int> dims)
    {
        var strides = new int[dims.Length];
        for (int axis = dims.Length - 1, stride = 1; axis >= 0; stride *= Math.Max(1, dims[axis]), axis--) strides[axis] = stride;
        return strides;
    }
}
