using System.Buffers.Binary;
using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>Constants of a file as the project has them: kernels with their channels first, integers with what they stand for.</summary>
internal static class TfLiteConstants
{
    /// <summary>A constant's floats.</summary>
    /// <exception cref="InvalidInputException">It holds something else, or more or fewer than its shape says.</exception>
    public static float[] Floats(TfLiteTensor tensor)
    {
        byte[] data = DataOf(tensor);
        var values = new float[Count(tensor)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Type switch
            {
                TfLiteSchema.Float32 => BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(i * 4)),
                TfLiteSchema.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(data.AsSpan(i * 2)),
                _ => (float)((Integer(tensor, data, i) - Entry(tensor.ZeroPoints, i, 0)) * (double)Entry(tensor.Scales, i, 1)),
            };
        }

        return values;

        // One for all, or one for each element of a vector.
        T Entry<T>(T[] entries, int i, T otherwise) => entries.Length <= 1 ? entries is [var only] ? only : otherwise
            : entries.Length == values.Length ? entries[i]
            : throw new InvalidInputException(
                $"the constant {OneLine.Quote(tensor.Name)} has {entries.Length} scales or zero points for {values.Length} elements");
    }

    /// <summary>A constant's whole numbers, as shapes and paddings have them.</summary>
    public static int[] Integers(TfLiteTensor tensor)
    {
        byte[] data = DataOf(tensor);
        return [.. Enumerable.Range(0, Count(tensor)).Select(i => checked((int)Integer(tensor, data, i)))];
    }

    /// <summary>A kernel with its axes in another order.</summary>
    /// <param name="tensor">The constant.</param>
    /// <param name="shape">The dimensions as the network has them.</param>
    /// <param name="sourceOf">Where each element comes from, by its position in the new order.</param>
    /// <param name="axis">The file's dimension that belongs to the output channels.</param>
    public static (WeightTensor Tensor, ParameterQuantization? Quantization) Kernel(
        TfLiteTensor tensor, ImmutableArray<int> shape, Func<int, int> sourceOf, int axis)
    {
        if (tensor.IntegerType is not { } type)
        {
            float[] values = Floats(tensor), moved = new float[values.Length];
            for (int i = 0; i < moved.Length; i++) moved[i] = values[sourceOf(i)];
            return (new WeightTensor(shape, moved), null);
        }

        byte[] data = DataOf(tensor);
        int size = type.BitCount() / 8;
        var bytes = new byte[data.Length];
        for (int i = 0; i < bytes.Length / size; i++) data.AsSpan(sourceOf(i) * size, size).CopyTo(bytes.AsSpan(i * size));
        var quantization = QuantizationOf(tensor, type, shape[0], axis);
        return (WeightTensor.OfIntegers(shape, new IntegerValues(type, bytes), quantization.Scales.AsSpan(), quantization.ZeroPoint),
            quantization);
    }

    /// <summary>A bias: whole numbers where the layer computes with them.</summary>
    /// <param name="tensor">The constant.</param>
    /// <param name="scales">What a step of the sums is worth; empty for floats.</param>
    public static WeightTensor Bias(TfLiteTensor tensor, float[] scales)
    {
        int count = Count(tensor);
        if (scales.Length == 0) return new WeightTensor([count], Floats(tensor));
        if (tensor.IntegerType is not { } type || tensor.ZeroPoints.Any(zero => zero != 0))
            throw new InvalidInputException($"the bias {OneLine.Quote(tensor.Name)} is not of integers from 0, which a layer of integers adds");
        // The file states it again; where it says otherwise, one of the two is wrong.
        for (int i = 0; tensor.Scales.Length > 0 && i < Math.Max(tensor.Scales.Length, scales.Length); i++)
        {
            float stated = tensor.Scales[Math.Min(i, tensor.Scales.Length - 1)], made = scales[Math.Min(i, scales.Length - 1)];
            if (Math.Abs(stated - made) > 0.01 * made)
                throw new InvalidInputException(
                    $"the bias {OneLine.Quote(tensor.Name)} has steps of {NumberText.Of(stated)}, where input and kernel make {NumberText.Of(made)}");
        }

        return WeightTensor.OfIntegers([count], new IntegerValues(type, DataOf(tensor)), scales);
    }

    /// <summary>Elements by the shape.</summary>
    public static int Count(TfLiteTensor tensor) => ArrayShape.TryCountElements(tensor.Shape, out long count) && count <= int.MaxValue
        ? (int)count
        : throw new InvalidInputException($"the tensor {OneLine.Quote(tensor.Name)} has the shape [{string.Join(", ", tensor.Shape)}]");

    private static ParameterQuantization QuantizationOf(TfLiteTensor tensor, ElementType type, int channels, int axis)
    {
        if (tensor.Scales.Length == 0)
            throw new InvalidInputException($"the kernel {OneLine.Quote(tensor.Name)} holds integers and does not say what they stand for");
        if (tensor.Scales.Length > 1 && (tensor.Axis != axis || tensor.Scales.Length != channels))
            throw new InvalidInputException(
                $"the kernel {OneLine.Quote(tensor.Name)} has {tensor.Scales.Length} scales along dimension {tensor.Axis}, expected one or {channels} along {axis}");
        long zero = tensor.ZeroPoints is [var first, ..] ? first : 0;
        if (tensor.ZeroPoints.Any(other => other != zero) || Math.Abs(zero) > short.MaxValue)
            throw new InvalidInputException($"the kernel {OneLine.Quote(tensor.Name)} has several zero points, expected one");
        return new ParameterQuantization(type, [.. tensor.Scales], (int)zero);
    }

    private static byte[] DataOf(TfLiteTensor tensor)
    {
        byte[] data = tensor.Data.Value;
        int size = tensor.Type switch
        {
            TfLiteSchema.Float32 => 4,
            TfLiteSchema.Float16 => 2,
            _ => (tensor.IntegerType ?? throw new InvalidInputException(
                $"the constant {OneLine.Quote(tensor.Name)} has elements of type {tensor.Type}, expected floats or whole numbers")).BitCount() / 8,
        };
        return data.Length == (long)Count(tensor) * size ? data : throw new InvalidInputException(
            $"the constant {OneLine.Quote(tensor.Name)} of shape [{string.Join(", ", tensor.Shape)}] has {data.Length} bytes, expected {(long)Count(tensor) * size}");
    }

    private static long Integer(TfLiteTensor tensor, byte[] data, int index) => tensor.IntegerType switch
    {
        ElementType.U8 => data[index],
        ElementType.I8 => (sbyte)data[index],
        ElementType.I16 => BinaryPrimitives.ReadInt16LittleEndian(data.AsSpan(index * 2)),
        ElementType.I32 => BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(index * 4)),
        _ => BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(index * 8)),
    };
}
