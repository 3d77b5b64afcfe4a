using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>The sum of two integers that stand for numbers on different scales.</summary>
public sealed class IntegerSum
{
    // Bits that TensorFlow Lite shifts 8-bit inputs left by before it scales them, so that they keep their fractions.
    private const int HeadRoomBits = 20;

    private readonly IntegerArithmetic _arithmetic;
    private readonly ValueQuantization _first, _second, _output;

    /// <summary>Prepares sums.</summary>
    /// <param name="arithmetic">The target's rules.</param>
    /// <param name="first">The first input's quantization.</param>
    /// <param name="second">The second input's.</param>
    /// <param name="output">The sum's.</param>
    public IntegerSum(IntegerArithmetic arithmetic, ValueQuantization first, ValueQuantization second, ValueQuantization output)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(output);
        (_arithmetic, _first, _second, _output) = (arithmetic, first, second, output);
        double twice = 2 * Math.Max((double)first.Scale, second.Scale);
        if (arithmetic == IntegerArithmetic.TfLite)
        {
            (FirstFactor, SecondFactor) = (Requantization.OfDouble(first.Scale / twice), Requantization.OfDouble(second.Scale / twice));
            OutputFactor = Requantization.OfDouble(twice / ((double)output.Scale * (1 << HeadRoomBits)));
        }
        else if (arithmetic == IntegerArithmetic.Rknn)
        {
            // Each on the output's scale with a fraction of twenty bits, so that the sum is rounded once.
            (FirstFactor, SecondFactor) = (Fraction(first), Fraction(second));
            OutputFactor = Requantization.OfSingle(1.0 / (1 << HeadRoomBits));
        }

        Requantization Fraction(ValueQuantization input) =>
            Requantization.OfSingle((double)input.Scale / output.Scale * (1 << HeadRoomBits));
    }

    /// <summary>How the first input, shifted left, is brought to what the sum is taken in; not for ONNX, which sums floats.</summary>
    internal Requantization FirstFactor { get; }

    /// <summary>The second's.</summary>
    internal Requantization SecondFactor { get; }

    /// <summary>How the sum is brought to the output's scale.</summary>
    internal Requantization OutputFactor { get; }

    /// <summary>Bits that inputs without their zero points are shifted left by at first.</summary>
    internal int InputShift => _arithmetic == IntegerArithmetic.TfLite ? HeadRoomBits : 0;

    /// <summary>The integer for the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Apply(int first, int second)
    {
        if (_arithmetic == IntegerArithmetic.Onnx)
        {
            // As the operators do it one by one: both to float32, added, divided by the output's scale.
            float sum = IntegerRounding.Dequantize(first, _first) + IntegerRounding.Dequantize(second, _second);
            return IntegerRounding.Quantize(sum, _output, _arithmetic);
        }

        long a = (long)(first - _first.ZeroPoint) << InputShift, b = (long)(second - _second.ZeroPoint) << InputShift;
        return IntegerRounding.Saturate(OutputFactor.Apply(FirstFactor.Apply(a) + SecondFactor.Apply(b)), _output, _arithmetic);
    }
}
