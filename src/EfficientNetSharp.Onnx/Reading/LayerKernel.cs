using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>A layer's kernel as the project has it, with what its integers stand for where it holds any.</summary>
/// <param name="Tensor">The kernel, output channels first.</param>
/// <param name="Quantization">What its integers stand for; <see langword="null"/> for floats.</param>
internal sealed record LayerKernel(WeightTensor Tensor, ParameterQuantization? Quantization)
{
    // The middle of uint8, around which it is int8 moved.
    private const int MiddleOfBytes = 128;

    /// <summary>Takes a kernel as it lies, or with its elements in another order.</summary>
    /// <param name="constant">The file's constant.</param>
    /// <param name="shape">The kernel's dimensions.</param>
    /// <param name="axis">The file's axis of the output channels.</param>
    /// <param name="sourceOf">Where each element lies in the file; <see langword="null"/> where the order is the same.</param>
    /// <param name="isLeftInFloats">Whether it holds integers that no plan has, and its floats are taken.</param>
    public static LayerKernel Of(
        Constant constant, ImmutableArray<int> shape, int axis, Func<int, int>? sourceOf, out bool isLeftInFloats)
    {
        isLeftInFloats = false;
        if (constant.Origin is { } origin)
        {
            if (QuantizationOf(origin, axis, shape[0]) is { } quantization)
            {
                long shift = quantization.ZeroPoint - origin.ZeroPoints[0];
                long[] values = new long[origin.Values.Length];
                for (int i = 0; i < values.Length; i++) values[i] = origin.Values[sourceOf?.Invoke(i) ?? i] + shift;
                return OfIntegers(shape, IntegerValues.Of(quantization.Type, values), quantization);
            }

            isLeftInFloats = true;
        }

        if (sourceOf is null) return new LayerKernel(new WeightTensor(shape, constant.Floats!), null);
        var moved = new float[constant.Count];
        for (int i = 0; i < moved.Length; i++) moved[i] = constant.Floats![sourceOf(i)];
        return new LayerKernel(new WeightTensor(shape, moved), null);
    }

    /// <summary>The same elements under other dimensions, of which the first is the same.</summary>
    public LayerKernel WithShape(ImmutableArray<int> shape) => Quantization is null
        ? new LayerKernel(new WeightTensor(shape, Tensor.Values), null)
        : OfIntegers(shape, Tensor.Integers!, Quantization);

    private static LayerKernel OfIntegers(ImmutableArray<int> shape, IntegerValues integers, ParameterQuantization quantization) =>
        new(WeightTensor.OfIntegers(shape, integers, quantization.Scales.AsSpan(), quantization.ZeroPoint), quantization);

    // A plan has int8, uint8 and int16; with a scale per channel it has signed ones with 0 as zero point.
    private static ParameterQuantization? QuantizationOf(ConstantIntegers origin, int axis, int channels)
    {
        if (origin.Type is not (ElementType.U8 or ElementType.I8 or ElementType.I16)) return null;
        if (origin.Scales.Any(scale => !(scale > 0) || !float.IsFinite(scale))) return null;
        if (!origin.IsPerChannel) return new ParameterQuantization(origin.Type, origin.Scales, (int)origin.ZeroPoints[0]);
        if (origin.Axis != axis || origin.Scales.Length != channels) return null;
        bool isMoved = origin.Type == ElementType.U8;
        return origin.ZeroPoints.All(zero => zero == (isMoved ? MiddleOfBytes : 0))
            ? new ParameterQuantization(isMoved ? ElementType.I8 : origin.Type, origin.Scales)
            : null;
    }
}
