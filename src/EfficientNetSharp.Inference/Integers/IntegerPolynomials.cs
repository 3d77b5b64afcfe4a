using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.IntegerMath;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A function of 16-bit integers as polynomials, one for each <see cref="PolynomialSegments.Length"/> of them, whose coefficients vectors
/// look up in registers; its table would be too large to be looked up in as fast. They say what an integer becomes but where their value
/// is close to a half: some in a thousand, which are looked up. How close is found for each polynomial when it is made, by trying all
/// integers, so that the results are the table's.
/// </summary>
internal sealed unsafe class IntegerPolynomials<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // With more of all integers in doubt, looking all of them up is faster.
    private const double MaxDoubts = 0.01;

    // For each coefficient, from the highest on, those of all segments; the integers that are added to the polynomials; the distances
    // from an integer from which on there is doubt.
    private readonly AlignedBuffer<float> _segments;
    private readonly AlignedBuffer<short> _entries;

    private IntegerPolynomials(AlignedBuffer<float> segments, AlignedBuffer<short> entries) => (_segments, _entries) = (segments, entries);

    /// <summary>
    /// Makes them; <see langword="null"/> where the vectors have no such operation, or too many results are not the table's.
    /// </summary>
    /// <param name="kind">The function.</param>
    /// <param name="inputScale">The integers' scale.</param>
    /// <param name="outputScale">The results'.</param>
    /// <param name="entries">Results of all 16-bit integers in the order of their bits; neither has its zero point.</param>
    public static IntegerPolynomials<TSimd, TInt, TShort>? TryCreate(
        ActivationKind kind, float inputScale, float outputScale, AlignedBuffer<short> entries)
    {
        if (!TSimd.HasPolynomials) return null;
        var segments = new AlignedBuffer<float>((PolynomialSegments.Degree + 3) * PolynomialSegments.Count);
        int doubts = 0;
        for (int i = 0; i < PolynomialSegments.Count; i++)
        {
            var segment = segments.Span[i..];
            int middle = (short)(i << PolynomialSegments.Bits) + (PolynomialSegments.Length / 2);
            Fit(x => FunctionTable.Compute(kind, (double)inputScale * x) / outputScale, middle, segment);
            doubts += FindDoubts(segment, entries.Span.Slice(i << PolynomialSegments.Bits, PolynomialSegments.Length));
        }

        return doubts <= MaxDoubts * entries.Length ? new(segments, entries) : null;
    }

    // Through the function at Chebyshev's points, by Newton's divided differences.
    private static void Fit(Func<double, double> function, int middle, Span<float> to)
    {
        const int degree = PolynomialSegments.Degree, count = degree + 1;
        Span<double> at = stackalloc double[count], differences = stackalloc double[count], coefficients = stackalloc double[count];
        double offset = Math.Clamp(Math.Round(function(middle)), -short.MaxValue, short.MaxValue);
        for (int i = 0; i < count; i++)
        {
            at[i] = PolynomialSegments.Length / 2.0 * Math.Cos((i + 0.5) * Math.PI / count);
            differences[i] = function(middle + at[i]) - offset;
        }

        for (int order = 1; order < count; order++)
        for (int i = count - 1; i >= order; i--)
            differences[i] = (differences[i] - differences[i - 1]) / (at[i] - at[i - order]);

        // (… (d₅ (x − x₄) + d₄)(x − x₃) + …) multiplied out.
        coefficients.Clear();
        for (int i = degree; i >= 0; i--)
        {
            for (int power = degree; power >= 0; power--)
                coefficients[power] = (power > 0 ? coefficients[power - 1] : 0) - (at[i] * coefficients[power]);
            coefficients[0] += differences[i];
        }

        for (int i = 0; i < count; i++) to[i * PolynomialSegments.Count] = (float)coefficients[degree - i];
        to[count * PolynomialSegments.Count] = BitConverter.Int32BitsToSingle((int)offset);
    }

    // From the smallest distance of a wrong result from its integer on; returns how many are that far from theirs.
    private static int FindDoubts(Span<float> segment, ReadOnlySpan<short> entries)
    {
        Span<float> distances = stackalloc float[entries.Length];
        float nearest = float.PositiveInfinity;
        for (int i = 0; i < entries.Length; i++)
        {
            float value = segment[0];
            for (int power = 1; power <= PolynomialSegments.Degree; power++)
                value = MathF.FusedMultiplyAdd(value, i - (PolynomialSegments.Length / 2), segment[power * PolynomialSegments.Count]);
            float rounded = MathF.Round(value);
            distances[i] = MathF.Abs(value - rounded);
            int offset = BitConverter.SingleToInt32Bits(segment[(PolynomialSegments.Degree + 1) * PolynomialSegments.Count]);
            if (Math.Clamp(rounded + offset, short.MinValue, short.MaxValue) != entries[i]) nearest = Math.Min(nearest, distances[i]);
        }

        segment[(PolynomialSegments.Degree + 2) * PolynomialSegments.Count] = nearest;
        int doubts = 0;
        foreach (float distance in distances) doubts += distance >= nearest ? 1 : 0;
        return doubts;
    }

    /// <summary>Computes the channels of some pixels; may be done in place.</summary>
    /// <param name="x">The first pixel's integers; those that fill blocks may be any.</param>
    /// <param name="xStride">Integers from one pixel to the next.</param>
    /// <param name="y">Receives the results.</param>
    /// <param name="yStride">Integers from one pixel to the next.</param>
    /// <param name="rows">Pixels.</param>
    /// <param name="channels">Channels, whole blocks of two vectors of sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(short* x, nint xStride, short* y, nint yStride, int rows, int channels)
    {
        int block = 2 * TSimd.Lanes;
        float* segments = _segments.Pointer;
        short* entries = _entries.Pointer;
        if (channels == block)
        {
            TSimd.Evaluate(x, xStride, y, yStride, rows, segments, entries);
            return;
        }

        for (; rows > 0; rows--, x += xStride, y += yStride)
            TSimd.Evaluate(x, block, y, block, channels / block, segments, entries);
    }
}

/// <summary>The polynomials of <see cref="IntegerPolynomials{TSimd,TInt,TShort}"/>, as vectors see them.</summary>
internal static class PolynomialSegments
{
    /// <summary>The degree.</summary>
    public const int Degree = 5;

    /// <summary>Bits that tell the integers of a segment apart.</summary>
    public const int Bits = 11;

    /// <summary>Integers of a polynomial, which is in their distance from the middle one.</summary>
    public const int Length = 1 << Bits;

    /// <summary>Polynomials, in the order of the integers' bits: the negative ones' last.</summary>
    public const int Count = (ushort.MaxValue + 1) / Length;
}
