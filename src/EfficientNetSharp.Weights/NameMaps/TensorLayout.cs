using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>How a tensor lies in another implementation's files.</summary>
public enum TensorLayout
{
    /// <summary>
    /// As here: [out, in/groups, kh, kw] and [out, in]. A linear layer may be stored as a 1×1 convolution and the other way round, and
    /// experts' kernels flat.
    /// </summary>
    PyTorch,

    /// <summary>
    /// TensorFlow's: convolutions [kh, kw, in, out], depthwise ones [kh, kw, channels, 1], linear layers [in, out]; all else as here.
    /// </summary>
    TensorFlow,
}

/// <summary>Turns tensors from one layout into the other.</summary>
internal static class TensorLayouts
{
    /// <summary>The shape that a parameter has in a file of the layout.</summary>
    public static ImmutableArray<int> ShapeOf(Parameter parameter, bool depthwise, TensorLayout layout) => layout == TensorLayout.PyTorch
        ? parameter.Shape
        : [.. Permutation(parameter, depthwise).Select(axis => parameter.Shape[axis])];

    /// <summary>Whether a tensor of the shape, in the layout, holds the parameter.</summary>
    public static bool Fits(Parameter parameter, bool depthwise, TensorLayout layout, ImmutableArray<int> shape) =>
        Trimmed(shape).SequenceEqual(Trimmed(ShapeOf(parameter, depthwise, layout)))
        // timm and the TPU code keep each expert's kernel flat.
        || (parameter.Role == ParameterRole.ExpertKernels && shape.Length == 2 && shape[0] == parameter.Shape[0]
            && Count(shape) == parameter.Count);

    /// <summary>The tensor as it lies here.</summary>
    public static WeightTensor ToOurs(Parameter parameter, bool depthwise, TensorLayout layout, WeightTensor tensor)
    {
        if (layout == TensorLayout.PyTorch || parameter.Shape.Length < 2) return new WeightTensor(parameter.Shape, tensor.Values);
        int[] permutation = Permutation(parameter, depthwise);
        var inverse = new int[permutation.Length];
        for (int axis = 0; axis < permutation.Length; axis++) inverse[permutation[axis]] = axis;
        return new WeightTensor(parameter.Shape, Permute(ShapeOf(parameter, depthwise, layout), tensor.Values, inverse));
    }

    // theirs[i] = ours[permutation[i]]. Depthwise kernels are [C,1,kh,kw] here and [kh,kw,C,1] there.
    private static int[] Permutation(Parameter parameter, bool depthwise) => parameter.Role switch
    {
        ParameterRole.ConvolutionKernel => depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0],
        ParameterRole.ExpertKernels => depthwise ? [0, 3, 4, 1, 2] : [0, 3, 4, 2, 1],
        ParameterRole.LinearKernel => [1, 0],
        _ => [.. Enumerable.Range(0, parameter.Shape.Length)],
    };

    private static float[] Permute(ImmutableArray<int> shape, float[] values, int[] order)
    {
        // Steps of the source along the target's axes, so that the target is filled in its own order.
        var strides = new int[shape.Length];
        int stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        int[] lengths = [.. order.Select(axis => shape[axis])], steps = [.. order.Select(axis => strides[axis])];
        var result = new float[values.Length];
        var index = new int[order.Length];
        int from = 0;
        for (int to = 0; to < result.Length; to++)
        {
            result[to] = values[from];
            for (int axis = order.Length - 1; axis >= 0; axis--)
            {
                from += steps[axis];
                if (++index[axis] < lengths[axis]) break;
                from -= steps[axis] * lengths[axis];
                index[axis] = 0;
            }
        }

        return result;
    }

    // Without the ones at the end: [out,in,1,1] and [out,in] are one matrix.
    private static ReadOnlySpan<int> Trimmed(ImmutableArray<int> shape)
    {
        int length = shape.Length;
        while (length > 1 && shape[length - 1] == 1) length--;
        return shape.AsSpan()[..length];
    }

    private static long Count(ImmutableArray<int> shape) => shape.Aggregate(1L, (product, dimension) => product * dimension);
}
