using System.Numerics;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Tests.IntegerMath;

/// <summary>The targets' rules against exact rational arithmetic and worked values.</summary>
public sealed class RequantizationTests
{
    // The definition of gemmlowp's rounding in whole numbers of any size: high half of twice the product, half away from zero for the
    // positive and the negative alike, then a division by a power of two, half away from zero.
    [Fact]
    public void Double_rounding_agrees_with_whole_numbers_of_any_size()
    {
        var random = new SeededRandom(11);
        for (int round = 0; round < 20_000; round++)
        {
            double factor = Math.Pow(2, (random.NextDouble() * 24) - 20);
            long sum = (long)((random.NextDouble() - 0.5) * Math.Pow(2, random.NextDouble() * 30));
            var rule = Requantization.OfDouble(factor);
            Assert.InRange(rule.Multiplier, 1 << 30, int.MaxValue);
            Assert.Equal(factor, rule.Multiplier * Math.Pow(2, -31 - rule.Shift), factor * 1e-9);
            if (rule.Shift < 0 && Math.Abs(sum) > int.MaxValue >> -rule.Shift) continue;
            BigInteger shifted = rule.Shift < 0 ? (BigInteger)sum << -rule.Shift : sum;
            var high = Nearest(shifted * rule.Multiplier, BigInteger.One << 31, tiesUp: true);
            var expected = rule.Shift > 0 ? Nearest(high, BigInteger.One << rule.Shift, tiesUp: false) : high;
            Assert.Equal(expected, rule.Apply(sum));
        }
    }

    [Fact]
    public void Single_rounding_agrees_with_the_exact_quotient()
    {
        var random = new SeededRandom(12);
        for (int round = 0; round < 20_000; round++)
        {
            double factor = Math.Pow(2, (random.NextDouble() * 30) - 24);
            long sum = (long)((random.NextDouble() - 0.5) * Math.Pow(2, random.NextDouble() * 40));
            var rule = Requantization.OfSingle(factor);
            var product = (BigInteger)sum * rule.Multiplier;
            var expected = rule.Shift > 0 ? Floor((product * 2) + (BigInteger.One << rule.Shift), BigInteger.One << (rule.Shift + 1))
                : product << -rule.Shift;
            Assert.Equal(expected, rule.Apply(sum));
        }
    }

    [Theory]
    [InlineData(5, 1, 3)]
    [InlineData(-5, 1, -2)]
    [InlineData(6, 2, 2)]
    [InlineData(-6, 2, -1)]
    [InlineData(7, -3, 56)]
    public void Dynamic_fixed_point_shifts_and_rounds_half_up(long sum, int shift, long expected)
    {
        var rule = Requantization.OfSingle(Math.Pow(2, -shift));
        Assert.Equal((1, shift), (rule.Multiplier, rule.Shift));
        Assert.Equal(expected, rule.Apply(sum));
    }

    // ½, 1½ and 2½ steps: half to even.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    [InlineData(5, 2)]
    [InlineData(-1, 0)]
    [InlineData(-3, -2)]
    public void Float_factors_round_half_to_even(long sum, long expected) =>
        Assert.Equal(expected, Requantization.OfFloat(0.5f).Apply(sum));

    // TensorFlow Lite's own test of its function has these (quantization_util_test: 0.5 → 2³⁰ and 0, 0.25 → 2³⁰ and −1).
    [Theory]
    [InlineData(0.5, 1 << 30, 0)]
    [InlineData(0.25, 1 << 30, 1)]
    [InlineData(0.125, 1 << 30, 2)]
    [InlineData(1.0, 1 << 30, -1)]
    [InlineData(2.0, 1 << 30, -2)]
    public void Factors_are_split_into_a_significand_and_a_shift(double factor, int multiplier, int shift)
    {
        var rule = Requantization.OfDouble(factor);
        Assert.Equal((multiplier, shift), (rule.Multiplier, rule.Shift));
    }

    // The user guide's example: −52.3405 to 10.0975 has the step 0.2448548 and the zero point 214.
    [Fact]
    public void The_vendors_example_is_met()
    {
        var value = new ValueQuantization(EfficientNetSharp.Arrays.ElementType.U8, (10.0975f + 52.3405f) / 255, 214);
        Assert.Equal(0.2448548f, value.Scale, 1e-6f);
        Assert.Equal(214, IntegerRounding.Quantize(0f, value, IntegerArithmetic.Rknn));
        Assert.Equal(0, IntegerRounding.Quantize(-52.3405f, value, IntegerArithmetic.Rknn));
        Assert.Equal(255, IntegerRounding.Quantize(10.0975f, value, IntegerArithmetic.Rknn));
        Assert.Equal(255, IntegerRounding.Quantize(1e30f, value, IntegerArithmetic.Rknn));
        Assert.Equal(214, IntegerRounding.Quantize(float.NaN, value, IntegerArithmetic.Rknn));
    }

    [Theory]
    [InlineData(IntegerArithmetic.Onnx)]
    [InlineData(IntegerArithmetic.TfLite)]
    [InlineData(IntegerArithmetic.Rknn)]
    public void Sums_and_means_are_within_a_step_of_the_numbers(IntegerArithmetic arithmetic)
    {
        var random = new SeededRandom(13);
        for (int round = 0; round < 300; round++)
        {
            var (a, b, to) = (Random(ref random), Random(ref random), Random(ref random));
            var sum = new IntegerSum(arithmetic, a, b, to);
            var mean = new IntegerMean(arithmetic, a, 49, to);
            for (int i = 0; i < 100; i++)
            {
                int x = (int)(random.NextDouble() * 256), y = (int)(random.NextDouble() * 256);
                double exact = (IntegerRounding.Dequantize(x, a) + (double)IntegerRounding.Dequantize(y, b)) / to.Scale + to.ZeroPoint;
                Assert.InRange(sum.Apply(x, y), Math.Clamp(exact, 0, 255) - 0.5001, Math.Clamp(exact, 0, 255) + 0.5001);
                long total = (long)(random.NextDouble() * 255 * 49);
                exact = (((total / 49.0) - a.ZeroPoint) * a.Scale / to.Scale) + to.ZeroPoint;
                // TensorFlow Lite rounds on the way, too.
                double slack = arithmetic == IntegerArithmetic.TfLite ? 0.52 : 0.5001;
                Assert.InRange(mean.Apply(total), Math.Clamp(exact, 0, 255) - slack, Math.Clamp(exact, 0, 255) + slack);
            }
        }
    }

    private static ValueQuantization Random(ref SeededRandom random) => new(
        EfficientNetSharp.Arrays.ElementType.U8, (float)Math.Pow(2, (random.NextDouble() * 4) - 6), (int)(random.NextDouble() * 256));

    private static BigInteger Nearest(BigInteger value, BigInteger divisor, bool tiesUp)
    {
        // gemmlowp's first rounding takes ties towards plus infinity (its nudge for negative products is one short of half).
        if (tiesUp) return Floor((value * 2) + divisor, divisor * 2);
        return value.Sign >= 0 ? Floor((value * 2) + divisor, divisor * 2) : -Floor((-value * 2) + divisor, divisor * 2);
    }

    private static BigInteger Floor(BigInteger value, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(value, divisor, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
