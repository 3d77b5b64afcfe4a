using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization;

/// <summary>How numbers are to become integers: types, scales and the rules of a target.</summary>
public sealed record QuantizationScheme
{
    /// <summary>Its name as the command line spells it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>The target's rules.</summary>
    public required IntegerArithmetic Arithmetic { get; init; }

    /// <summary>Type of values: <see cref="ElementType.U8"/>, <see cref="ElementType.I8"/> or <see cref="ElementType.I16"/>.</summary>
    public required ElementType ValueType { get; init; }

    /// <summary>Type of kernels, as for values.</summary>
    public required ElementType KernelType { get; init; }

    /// <summary>Whether each output channel of a kernel has a scale of its own.</summary>
    public bool HasChannelScales { get; init; }

    /// <summary>Whether scales are powers of two and zero is 0: dynamic fixed point.</summary>
    public bool IsFixedPoint { get; init; }

    /// <summary>Whether a SiLU's sigmoid is stored before it multiplies, as targets do that have no such function.</summary>
    public bool StoresSigmoid { get; init; }

    /// <summary>
    /// Whether the network's last layer yields integers, too. Where it does not, its products of integers are added up as floats, which
    /// loses less and costs nothing on processors.
    /// </summary>
    public bool RoundsOutput { get; init; }

    /// <summary>uint8 values, int8 weights with a scale per channel: ONNX Runtime, TIM-VX.</summary>
    public static QuantizationScheme OnnxInt8 { get; } = new()
    {
        Name = "int8", Description = "uint8 values, int8 weights with a scale per channel (ONNX Runtime, TIM-VX)",
        Arithmetic = IntegerArithmetic.Onnx, ValueType = ElementType.U8, KernelType = ElementType.I8, HasChannelScales = true,
    };

    /// <summary>int16 values, int8 weights with a scale per channel: ONNX.</summary>
    public static QuantizationScheme OnnxInt16 { get; } = OnnxInt8 with
    {
        Name = "int16", Description = "int16 values, int8 weights with a scale per channel (ONNX)", ValueType = ElementType.I16,
    };

    /// <summary>uint8 values and weights with a scale per tensor: RKNN 1.x's <c>asymmetric_affine-u8</c>.</summary>
    public static QuantizationScheme RknnU8 { get; } = new()
    {
        Name = "rknn-u8", Description = "uint8 values and weights with a scale per tensor (RKNN 1.x asymmetric_affine-u8)",
        Arithmetic = IntegerArithmetic.Rknn, ValueType = ElementType.U8, KernelType = ElementType.U8, RoundsOutput = true,
    };

    /// <summary>int8 values and weights whose scales are powers of two: RKNN 1.x's <c>dynamic_fixed_point-i8</c>.</summary>
    public static QuantizationScheme RknnDfp8 { get; } = new()
    {
        Name = "rknn-dfp8", Description = "int8 values and weights, powers of two as scales (RKNN 1.x dynamic_fixed_point-i8)",
        Arithmetic = IntegerArithmetic.Rknn, ValueType = ElementType.I8, KernelType = ElementType.I8, IsFixedPoint = true,
        RoundsOutput = true,
    };

    /// <summary>int16 values and weights whose scales are powers of two: RKNN 1.x's <c>dynamic_fixed_point-i16</c>.</summary>
    public static QuantizationScheme RknnDfp16 { get; } = RknnDfp8 with
    {
        Name = "rknn-dfp16", Description = "int16 values and weights, powers of two as scales (RKNN 1.x dynamic_fixed_point-i16)",
        ValueType = ElementType.I16, KernelType = ElementType.I16,
    };

    /// <summary>int8 values, int8 weights with a scale per channel: TensorFlow Lite's present scheme.</summary>
    public static QuantizationScheme TfLite { get; } = new()
    {
        Name = "tflite", Description = "int8 values, int8 weights with a scale per channel (TensorFlow Lite)",
        Arithmetic = IntegerArithmetic.TfLite, ValueType = ElementType.I8, KernelType = ElementType.I8, HasChannelScales = true,
        StoresSigmoid = true, RoundsOutput = true,
    };

    /// <summary>All schemes.</summary>
    public static ImmutableArray<QuantizationScheme> All { get; } = [OnnxInt8, OnnxInt16, RknnU8, RknnDfp8, RknnDfp16, TfLite];

    /// <summary>The scheme of a name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static QuantizationScheme Of(string name) => All.FirstOrDefault(scheme => scheme.Name == name)
        ?? throw new InvalidInputException(
            $"There is no quantization scheme {Files.OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(scheme => scheme.Name))}.");

    /// <summary>The scheme under a name that says what is its own, for one that was changed.</summary>
    public QuantizationScheme Renamed()
    {
        string values = ValueQuantization.TypeName(ValueType), kernels = ValueQuantization.TypeName(KernelType);
        string scales = IsFixedPoint ? "powers of two as scales" : HasChannelScales ? "a scale per channel" : "a scale per tensor";
        return this with
        {
            Name = $"{Name}-{values}-{kernels}{(HasChannelScales ? "" : "-tensor")}",
            Description = $"{values} values, {kernels} weights with {scales}",
        };
    }

    /// <summary>What the integers of a value stand for, given the range of numbers that it is to hold.</summary>
    /// <param name="range">The range; it is widened to hold 0.</param>
    public ValueQuantization QuantizationFor(ValueRange range)
    {
        var (min, max) = (Math.Min(range.Min, 0), Math.Max(range.Max, 0));
        var (lowest, highest) = new ValueQuantization(ValueType, 1).Bounds(Arithmetic);
        // A value that is always 0 needs no steps, but a scale all the same.
        if (!(max - min > 0)) return new ValueQuantization(ValueType, IsFixedPoint ? 1 : 1f / highest, ValueType == ElementType.U8 || IsSymmetric ? 0 : lowest);
        if (IsSymmetric)
        {
            double scale = Math.Max(-min, max) / (double)highest;
            return new ValueQuantization(ValueType, IsFixedPoint ? PowerOfTwoFrom(scale) : (float)scale);
        }

        float step = (float)(((double)max - min) / (highest - lowest));
        return new ValueQuantization(ValueType, step, (int)Math.Clamp(Math.Round(lowest - (min / (double)step)), lowest, highest));
    }

    /// <summary>Whether zero is 0 and the range the same on both sides.</summary>
    public bool IsSymmetric => IsFixedPoint || ValueType == ElementType.I16;

    /// <summary>The smallest power of two from a number on.</summary>
    internal static float PowerOfTwoFrom(double scale)
    {
        int exponent = Math.ILogB(scale);
        return (float)Math.ScaleB(1, Math.ScaleB(1, exponent) >= scale ? exponent : exponent + 1);
    }
}
