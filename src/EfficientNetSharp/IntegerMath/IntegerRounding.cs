using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>From numbers to integers and back, by a target's rule of rounding.</summary>
public static class IntegerRounding
{
    /// <summary>The integer that stands for a number: round(number / scale) + zero point, cut off at the type's bounds.</summary>
    /// <param name="number">The number. Not a number becomes the zero point.</param>
    /// <param name="quantization">Scale, zero point and type.</param>
    /// <param name="arithmetic">The target's rules.</param>
    public static int Quantize(float number, ValueQuantization quantization, IntegerArithmetic arithmetic)
    {
        ArgumentNullException.ThrowIfNull(quantization);
        // float32 all through for ONNX, whose operator divides in the type of its input.
        double steps = arithmetic == IntegerArithmetic.Onnx ? number / quantization.Scale : (double)number / quantization.Scale;
        return Quantized(steps, quantization, arithmetic);
    }

    /// <summary>The integer for a function's exact value.</summary>
    internal static int Quantize(double number, ValueQuantization quantization, IntegerArithmetic arithmetic) =>
        Quantized(number / quantization.Scale, quantization, arithmetic);

    /// <summary>The number that an integer stands for.</summary>
    public static float Dequantize(int value, ValueQuantization quantization)
    {
        ArgumentNullException.ThrowIfNull(quantization);
        return (value - quantization.ZeroPoint) * quantization.Scale;
    }

    /// <summary>Cuts a number of steps off at the type's bounds, after the zero point has been added.</summary>
    public static int Saturate(long steps, ValueQuantization quantization, IntegerArithmetic arithmetic)
    {
        ArgumentNullException.ThrowIfNull(quantization);
        var (min, max) = quantization.Bounds(arithmetic);
        // Taken off rather than added, as the steps may be near 64 bits' end.
        return (int)Math.Clamp(steps, (long)min - quantization.ZeroPoint, (long)max - quantization.ZeroPoint) + quantization.ZeroPoint;
    }

    private static int Quantized(double steps, ValueQuantization quantization, IntegerArithmetic arithmetic)
    {
        if (double.IsNaN(steps)) return quantization.ZeroPoint;
        double rounded = arithmetic switch
        {
            IntegerArithmetic.Onnx => Math.Round(steps, MidpointRounding.ToEven),
            IntegerArithmetic.TfLite => Math.Round(steps, MidpointRounding.AwayFromZero),
            _ => Math.Floor(steps + 0.5),
        };
        return Saturate((long)Math.Clamp(rounded, -4e18, 4e18), quantization, arithmetic);
    }
}
