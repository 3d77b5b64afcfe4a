using System.Buffers;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// How one axis is resampled: output i is the sum of <see cref="Taps"/> neighbouring inputs from <c>Starts[i]</c> on, each times a weight
/// in fixed point. This is Pillow's 8-bit arithmetic: weights are computed and normalised in double precision, then rounded to
/// 22 bits behind the point.
/// </summary>
/// <remarks>
/// Weights lie in rows of <see cref="Taps"/>, which is a multiple of four; the rest of a row is zero, so kernels may run over it.
/// For vector kernels each weight also exists in two halves, w = high · 2¹⁵ + low: both fit 16 bits, and one multiply-add instruction takes
/// two taps at a time. Four taps lie together as high₀…high₃, low₀…low₃ (<see cref="Halves"/>).
/// </remarks>
internal sealed class AxisWeights : IDisposable
{
    /// <summary>Bits behind the point: 32, less 8 for the pixel, less 2 for overshoot and sign.</summary>
    internal const int Precision = 22;

    /// <summary>Where a weight is cut in two: 15 bits leave the lower half positive as a signed 16-bit number.</summary>
    internal const int HalfBits = 15;

    /// <summary>Taps that vector kernels take in one step; rows of weights are filled up to a multiple of it.</summary>
    internal const int TapGroup = 4;

    private readonly int[] _starts;
    private readonly int[] _counts;
    private readonly int[] _weights;
    private readonly short[] _halves;

    private AxisWeights(int outputs, int taps)
    {
        (Outputs, Taps) = (outputs, taps);
        _starts = ArrayPool<int>.Shared.Rent(outputs);
        _counts = ArrayPool<int>.Shared.Rent(outputs);
        _weights = ArrayPool<int>.Shared.Rent(outputs * taps);
        _halves = ArrayPool<short>.Shared.Rent(outputs * taps * 2);
    }

    /// <summary>How many outputs the table covers.</summary>
    internal int Outputs { get; }

    /// <summary>Length of one row of weights, a multiple of four.</summary>
    internal int Taps { get; }

    /// <summary>First input of each output.</summary>
    internal ReadOnlySpan<int> Starts => _starts.AsSpan(0, Outputs);

    /// <summary>Number of inputs of each output, at most <see cref="Taps"/>.</summary>
    internal ReadOnlySpan<int> Counts => _counts.AsSpan(0, Outputs);

    /// <summary>The weights [outputs, taps] in fixed point.</summary>
    internal ReadOnlySpan<int> Weights => _weights.AsSpan(0, Outputs * Taps);

    /// <summary>The weights in halves [outputs, taps / 4, 8].</summary>
    internal ReadOnlySpan<short> Halves => _halves.AsSpan(0, Outputs * Taps * 2);

    /// <summary>First input that any output uses.</summary>
    internal int FirstInput => _starts[0];

    /// <summary>The input behind the last that any output uses.</summary>
    internal int EndInput => _starts[Outputs - 1] + _counts[Outputs - 1];

    /// <summary>The weights for outputs <paramref name="first"/> … <paramref name="first"/> + <paramref name="outputs"/> − 1.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="inputs">Length of the input axis.</param>
    /// <param name="low">Where the part that is resampled begins.</param>
    /// <param name="high">Where it ends.</param>
    /// <param name="outputsInAll">Length of the whole output axis, which that part is mapped to.</param>
    /// <param name="first">First output wanted.</param>
    /// <param name="outputs">How many outputs are wanted.</param>
    internal static AxisWeights Compute(
        Interpolation filter, int inputs, float low, float high, long outputsInAll, long first, int outputs)
    {
        // The difference is taken in single precision, everything else in double, as Pillow has it.
        double scale = (double)(high - low) / outputsInAll;
        double filterScale = Math.Max(1, scale);
        double support = ResampleFilter.Support(filter) * filterScale;
        int maxTaps = (int)Math.Min(inputs, ((long)Math.Ceiling(support) * 2) + 1);
        int taps = (maxTaps + TapGroup - 1) / TapGroup * TapGroup;

        var table = new AxisWeights(outputs, taps);
        double[] exact = ArrayPool<double>.Shared.Rent(taps);
        for (int i = 0; i < outputs; i++)
        {
            double center = low + ((first + i + 0.5) * scale);
            int start = Math.Max(0, (int)(center - support + 0.5));
            int count = Math.Min(inputs, (int)(center + support + 0.5)) - start;
            double sum = 0, inverse = 1 / filterScale;
            for (int t = 0; t < count; t++)
            {
                exact[t] = ResampleFilter.Weight(filter, (t + start - center + 0.5) * inverse);
                sum += exact[t];
            }

            table._starts[i] = start;
            table._counts[i] = count;
            table.Store(i, exact.AsSpan(0, count), sum);
        }

        ArrayPool<double>.Shared.Return(exact);
        return table;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_counts);
        ArrayPool<int>.Shared.Return(_weights);
        ArrayPool<short>.Shared.Return(_halves);
    }

    private void Store(int output, ReadOnlySpan<double> exact, double sum)
    {
        var row = _weights.AsSpan(output * Taps, Taps);
        row[exact.Length..].Clear();
        for (int t = 0; t < exact.Length; t++)
        {
            double weight = (sum != 0 ? exact[t] / sum : exact[t]) * (1 << Precision);
            row[t] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
        }

        var halves = _halves.AsSpan(output * Taps * 2, Taps * 2);
        for (int t = 0; t < Taps; t++)
        {
            int at = (t / TapGroup * TapGroup * 2) + (t % TapGroup);
            halves[at] = (short)(row[t] >> HalfBits);
            halves[at + TapGroup] = (short)(row[t] & ((1 << HalfBits) - 1));
        }
    }
}
