using System.Collections.Immutable;
using Type = EfficientNetSharp.Onnx.Schema.TensorProto.Types.DataType;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>ONNX's rules for axes, permutations and the dimensions of a reshape.</summary>
internal static class AxisRules
{
    /// <summary>More axes than any tensor here has; NumPy 2's limit (its <c>NPY_MAXDIMS</c>).</summary>
    public const int MaxDimensions = 64;

    public static bool IsFloat(long type) => (Type)type is Type.Float or Type.Float16 or Type.Bfloat16 or Type.Double;

    /// <summary>Axes from 0; negative ones count from the end.</summary>
    public static int[] Resolve(OnnxNode node, ImmutableArray<long> axes, int rank)
    {
        if (axes.Any(axis => axis < -rank || axis >= rank)
            || axes.Select(axis => axis < 0 ? axis + rank : axis).Distinct().Count() < axes.Length)
            throw node.Refuse($"different axes of {rank}", $"[{string.Join(", ", axes.Take(MaxDimensions))}]");
        return [.. axes.Select(axis => (int)(axis < 0 ? axis + rank : axis))];
    }

    public static int Index(OnnxNode node, long index, int length) => index >= -length && index < length
        ? (int)(index < 0 ? index + length : index)
        : throw node.Refuse($"an index below {length}", $"{index}");

    /// <summary>The order of axes of a Transpose; all turned around where none is named.</summary>
    public static int[] Permutation(OnnxNode node, int rank)
    {
        if (node.Integers("perm") is not { } order) return [.. Enumerable.Range(0, rank).Reverse()];
        if (order.Length != rank) throw node.Refuse($"an order of {rank} axes", $"[{string.Join(", ", order.Take(MaxDimensions))}]");
        return Resolve(node, order, rank);
    }

    /// <summary>The dimensions that a Reshape asks for: 0 keeps one, −1 takes what is left.</summary>
    public static ImmutableArray<int> Reshape(OnnxNode node, ImmutableArray<int> from, ImmutableArray<long> target)
    {
        bool keepsZeros = node.Integer("allowzero", 0) == 0;
        var dims = target.ToArray();
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] == 0 && keepsZeros && axis < from.Length) dims[axis] = from[axis];
        }

        long count = Count(node, from);
        int open = Array.IndexOf(dims, -1);
        if (open >= 0)
        {
            dims[open] = 1;
            long rest = Count(node, Dims(node, [.. dims]));
            dims[open] = rest > 0 ? count / rest : 0;
        }

        var result = Dims(node, [.. dims]);
        return Count(node, result) == count
            ? result
            : throw node.Invalid($"dimensions for {count} values", $"[{string.Join(", ", target)}]");
    }

    public static ImmutableArray<int> Dims(OnnxNode node, ImmutableArray<long> dims) =>
        dims.Length <= MaxDimensions && dims.All(dimension => dimension is >= 0 and <= int.MaxValue)
            ? [.. dims.Select(dimension => (int)dimension)]
            : throw node.Invalid($"at most {MaxDimensions} dimensions of 0 to 2^31 - 1",
                $"[{string.Join(", ", dims.Take(MaxDimensions))}]");

    public static long Count(OnnxNode node, ImmutableArray<int> dims) =>
        TryMultiply(dims, out long count) ? count : throw node.Invalid("dimensions that multiply to at most 2^63", "more");

    /// <summary>The product of dimensions, none negative; false where it does not fit 64 bits.</summary>
    public static bool TryMultiply(ImmutableArray<int> dims, out long count)
    {
        count = 1;
        foreach (int dimension in dims)
        {
            if (dimension != 0 && count > long.MaxValue / dimension) return false;
            count *= dimension;
        }

        return true;
    }
}
