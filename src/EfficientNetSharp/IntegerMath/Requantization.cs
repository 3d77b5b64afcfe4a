using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>How a product with a factor is rounded to an integer.</summary>
public enum RequantizationKind
{
    /// <summary>The sum as float32, times a float32, rounded half to even: ONNX Runtime.</summary>
    Factor,

    /// <summary>
    /// The high half of twice the product with a 31-bit multiplier, rounded, then a shift, rounded half away from zero: TensorFlow Lite.
    /// </summary>
    DoubleRounding,

    /// <summary>The product with a multiplier, shifted and rounded once, half up: RKNN; a multiplier of 1 is a shift alone.</summary>
    SingleRounding,
}

/// <summary>
/// Brings a sum of products of integers to another scale: the rule that the targets differ in most. It is data, so that vector code can
/// do as it says; <see cref="Apply"/> is the definition.
/// </summary>
/// <param name="Kind">The rule.</param>
/// <param name="Factor">The factor, for <see cref="RequantizationKind.Factor"/>.</param>
/// <param name="Multiplier">For the others, from 0 to 2³¹ − 1.</param>
/// <param name="Shift">
/// For the others: the sum times the multiplier is divided by 2 to this power. Negative for factors above those that the multiplier has.
/// </param>
public readonly record struct Requantization(RequantizationKind Kind, float Factor, int Multiplier, int Shift)
{
    /// <summary>
    /// Of sums whose step is the product of two scales, such as a convolution's: the input's and the weights'.
    /// </summary>
    /// <param name="arithmetic">The target's rules.</param>
    /// <param name="input">The input's scale.</param>
    /// <param name="weight">The weights' scale.</param>
    /// <param name="output">The output's scale.</param>
    /// <param name="perChannel">Whether weights have a scale per channel, which TensorFlow Lite multiplies in double rather than float32.</param>
    public static Requantization OfProduct(IntegerArithmetic arithmetic, float input, float weight, float output, bool perChannel = false) =>
        arithmetic switch
        {
            IntegerArithmetic.Onnx => OfFloat(input * weight / output),
            IntegerArithmetic.TfLite => OfDouble(perChannel ? (double)input * weight / output : (double)(input * weight) / output),
            _ => OfSingle((double)input * weight / output),
        };

    /// <summary>Of sums of some values of a scale whose mean is wanted.</summary>
    /// <param name="arithmetic">The target's rules; TensorFlow Lite divides afterwards, see <see cref="IntegerMean"/>.</param>
    /// <param name="input">The input's scale.</param>
    /// <param name="count">How many are summed.</param>
    /// <param name="output">The output's scale.</param>
    public static Requantization OfMean(IntegerArithmetic arithmetic, float input, int count, float output) => arithmetic switch
    {
        IntegerArithmetic.Onnx => OfFloat(input / (output * count)),
        IntegerArithmetic.TfLite => OfDouble((double)input / output),
        _ => OfSingle((double)input / count / output),
    };

    /// <summary>A float32 factor.</summary>
    public static Requantization OfFloat(float factor) => new(RequantizationKind.Factor, factor, 0, 0);

    /// <summary>
    /// A factor as TensorFlow Lite's <c>QuantizeMultiplier</c> splits it: a significand of 31 bits and a power of two.
    /// </summary>
    public static Requantization OfDouble(double factor)
    {
        var (multiplier, exponent) = Split(factor);
        // Its shift is one of a number from ½ to 1, of which the high half of twice the product takes 31 bits.
        return exponent < -31 ? new(RequantizationKind.DoubleRounding, 0, 0, 0)
            : new(RequantizationKind.DoubleRounding, 0, multiplier, -exponent);
    }

    /// <summary>A factor as a multiplier and a shift; powers of two as a shift alone.</summary>
    public static Requantization OfSingle(double factor)
    {
        var (multiplier, exponent) = Split(factor);
        if (multiplier == 1 << 30) return new(RequantizationKind.SingleRounding, 0, 1, 1 - exponent);
        return exponent < -31 ? new(RequantizationKind.SingleRounding, 0, 0, 0)
            : new(RequantizationKind.SingleRounding, 0, multiplier, 31 - exponent);
    }

    /// <summary>The sum on the output's scale, rounded; the output's zero point is not added and nothing is cut off at a type's bounds.</summary>
    /// <param name="sum">
    /// The sum, zero points already taken off; for <see cref="RequantizationKind.DoubleRounding"/> within 32 bits.
    /// </param>
    public long Apply(long sum) => Kind switch
    {
        // Beyond 2⁶² nothing is left of the value but its sign, and conversions of floats saturate there.
        RequantizationKind.Factor => (long)Math.Clamp(MathF.Round(sum * Factor, MidpointRounding.ToEven), -4.6e18f, 4.6e18f),
        RequantizationKind.DoubleRounding => RoundTwice(sum),
        _ => RoundOnce(sum),
    };

    // frexp: a factor of ½ to 1 in 31 bits, and the power of two.
    private static (int Multiplier, int Exponent) Split(double factor)
    {
        if (!(factor > 0) || double.IsInfinity(factor)) throw new ArgumentOutOfRangeException(nameof(factor), factor,
            "A factor between scales is positive and finite.");
        int exponent = Math.ILogB(factor) + 1;
        long multiplier = (long)Math.Round(Math.ScaleB(factor, 31 - exponent), MidpointRounding.AwayFromZero);
        return multiplier == 1L << 31 ? (1 << 30, exponent + 1) : ((int)multiplier, exponent);
    }

    private long RoundTwice(long sum)
    {
        // Written as in gemmlowp: saturated to 32 bits where it shifts left, then two roundings.
        int value = (int)Math.Clamp(Shift < 0 ? sum << Math.Min(-Shift, 31) : sum, int.MinValue, int.MaxValue);
        long product = (long)value * Multiplier;
        long high = (product + (product >= 0 ? 1L << 30 : 1 - (1L << 30))) / (1L << 31);
        if (Shift <= 0) return high;
        long mask = (1L << Shift) - 1, rest = high & mask;
        return (high >> Shift) + (rest > (mask >> 1) + (high < 0 ? 1 : 0) ? 1 : 0);
    }

    private long RoundOnce(long sum)
    {
        var product = (Int128)sum * Multiplier;
        if (Shift <= 0) return (long)Int128.Clamp(product << Math.Min(-Shift, 62), long.MinValue, long.MaxValue);
        // Beyond all bits, nothing is left.
        return Shift > 120 ? 0 : (long)((product + (Int128.One << (Shift - 1))) >> Shift);
    }
}
