using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>The sum of two integers that stand for numbers on different scales.</summary>
public sealed class IntegerSum
{
    // Bits that TensorFlow Lite shifts 8-bit inputs left by before it scales them, so that they keep their fractions.
    private const int HeadRoomBits = 20;

    private readonly IntegerArithmetic _arithmetic;
    private readonly ValueQuantization _first, _second, _output;
    private readonly Requantization _firstFactor, _secondFactor, _outputFactor;

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
            (_firstFactor, _secondFactor) = (Requantization.OfDouble(first.Scale / twice), Requantization.OfDouble(second.Scale / twice));
            _outputFactor = Requantization.OfDouble(twice / ((double)output.Scale * (1 << HeadRoomBits)));
        }
        else if (arithmetic == IntegerArithmetic.Rknn)
        {
            (_firstFactor, _secondFactor) = (Fraction(first), Fraction(second));
        }

        Requantization Fraction(ValueQuantization input) =>
            Requantization.OfSingle((double)input.Scale / output.Scale * (1 << HeadRoomBits));
    }

    /// <summary>The integer for the sum.</summary>
    public int Apply(int first, int second)
    {
        if (_arithmetic == IntegerArithmetic.Onnx)
        {
            // As the operators do it one by one: both to float32, added, divided by the output's scale.
            float sum = IntegerRounding.Dequantize(first, _first) + IntegerRounding.Dequantize(second, _second);
            return IntegerRounding.Quantize(sum, _output, _arithmetic);
        }

        long a = first - _first.ZeroPoint, b = second - _second.ZeroPoint;
        if (_arithmetic == IntegerArithmetic.TfLite)
        {
            long sum = _firstFactor.Apply(a << HeadRoomBits) + _secondFactor.Apply(b << HeadRoomBits);
            return IntegerRounding.Saturate(_outputFactor.Apply(sum), _output, _arithmetic);
        }

        // Each on the output's scale with a fraction of twenty bits, so that the sum is rounded once.
        long fraction = _firstFactor.Apply(a) + _secondFactor.Apply(b);
        return IntegerRounding.Saturate((fraction + (1L << (HeadRoomBits - 1))) >> HeadRoomBits, _output, _arithmetic);
    }
}
