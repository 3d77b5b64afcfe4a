using System.Runtime.Intrinsics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>The functions on vectors against double precision, over all of float32.</summary>
public sealed unsafe class VectorMathTests
{
    public static TheoryData<SimdLevel> AllLevels => [.. SimdLevels.Available];

    [Theory]
    [MemberData(nameof(AllLevels))]
    public void Sigmoid_and_silu_are_within_1e_6_of_the_exact_values_up_to_80_and_vanish_below(SimdLevel level)
    {
        float[] values = [.. EveryMagnitude()];
        float[] sigmoid = Apply(level, ActivationKind.Sigmoid, values), silu = Apply(level, ActivationKind.Silu, values);
        for (int i = 0; i < values.Length; i++)
        {
            double x = values[i], exact = 1 / (1 + Math.Exp(-x));
            if (x < -80)
            {
                Assert.InRange(sigmoid[i], 0, 2e-35);
                Assert.InRange(silu[i], -1.5e-33, 0);
                continue;
            }

            Assert.True(Math.Abs(sigmoid[i] - exact) <= 1e-6 * exact, $"sigmoid({x}) = {sigmoid[i]}, expected {exact}");

            // Below float32's normal numbers a digit is all there is.
            double difference = Math.Abs(silu[i] - (x * exact)), tolerance = Math.Max(1e-6 * Math.Abs(x * exact), float.Epsilon);
            Assert.True(difference <= tolerance, $"silu({x}) = {silu[i]}, expected {x * exact}");
        }
    }

    [Theory]
    [MemberData(nameof(AllLevels))]
    public void The_other_functions_are_those_of_their_definitions(SimdLevel level)
    {
        float[] values = [.. EveryMagnitude().Where(value => Math.Abs(value) < 1e30f)];
        Check(ActivationKind.Identity, x => x);
        Check(ActivationKind.Relu, x => Math.Max(x, 0));
        Check(ActivationKind.Relu6, x => Math.Min(Math.Max(x, 0), 6));
        Check(ActivationKind.HardSigmoid, x => Math.Min(Math.Max(x + 3, 0), 6) / 6);
        Check(ActivationKind.HardSwish, x => x * Math.Min(Math.Max(x + 3, 0), 6) / 6);

        // The slope of all channels is 0.25 in Apply.
        Check(ActivationKind.PRelu, x => x >= 0 ? x : 0.25 * x);

        void Check(ActivationKind kind, Func<double, double> function)
        {
            float[] found = Apply(level, kind, values);
            for (int i = 0; i < values.Length; i++)
            {
                // x + 3 is rounded once, at most by half of 2⁻²² where the sum is near 3.
                double exact = function(values[i]);
                double tolerance = (1e-6 * Math.Abs(exact)) + (2e-7 * Math.Min(1, Math.Abs(values[i]))) + float.Epsilon;
                Assert.True(Math.Abs(found[i] - exact) <= tolerance, $"{kind}({values[i]}) = {found[i]}, expected {exact}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllLevels))]
    public void Infinities_have_their_limits_and_NaN_stays(SimdLevel level)
    {
        float[] values = [float.PositiveInfinity, float.NegativeInfinity, float.NaN, -float.NaN];
        foreach (var kind in Enum.GetValues<ActivationKind>())
        {
            float[] found = Apply(level, kind, values);
            Assert.True(float.IsNaN(found[2]) && float.IsNaN(found[3]), $"{kind} of NaN is {found[2]}, {found[3]}.");
        }

        Assert.Equal([float.PositiveInfinity, 0], Apply(level, ActivationKind.Relu, values)[..2]);
        Assert.Equal([6, 0], Apply(level, ActivationKind.Relu6, values)[..2]);
        Assert.Equal([1, 0], Apply(level, ActivationKind.HardSigmoid, values)[..2]);
        Assert.Equal([1, 0], Apply(level, ActivationKind.Sigmoid, values)[..2], (a, b) => Math.Abs(a - b) < 1e-30);
        float[] silu = Apply(level, ActivationKind.Silu, values);
        Assert.Equal([float.PositiveInfinity, 0], silu[..2], (a, b) => a == b || Math.Abs(a - b) < 1e-30);
        Assert.Equal([float.PositiveInfinity, float.NegativeInfinity], Apply(level, ActivationKind.PRelu, values)[..2]);
    }

    // Both signs, zeros, denormals and every exponent, with mantissas spread by a prime step.
    private static IEnumerable<float> EveryMagnitude()
    {
        for (uint bits = 0; bits < 0x7F800000; bits += 9973)
        {
            yield return BitConverter.UInt32BitsToSingle(bits);
            yield return -BitConverter.UInt32BitsToSingle(bits);
        }
    }

    private static float[] Apply(SimdLevel level, ActivationKind kind, float[] values)
    {
        int padded = (values.Length + 15) / 16 * 16;
        var x = new AlignedBuffer<float>(values, padded);
        var slopes = new AlignedBuffer<float>(padded);
        slopes.Span.Fill(0.25f);
        switch (level)
        {
            case SimdLevel.Vector512:
                EpilogueKernel<Simd512, Vector512<float>>.Apply(kind, x.Pointer, 0, x.Pointer, 0, 1, padded, slopes.Pointer, null);
                break;
            case SimdLevel.Vector256:
                EpilogueKernel<Simd256, Vector256<float>>.Apply(kind, x.Pointer, 0, x.Pointer, 0, 1, padded, slopes.Pointer, null);
                break;
            default:
                EpilogueKernel<Simd128, Vector128<float>>.Apply(kind, x.Pointer, 0, x.Pointer, 0, 1, padded, slopes.Pointer, null);
                break;
        }

        return x.Span[..values.Length].ToArray();
    }
}
