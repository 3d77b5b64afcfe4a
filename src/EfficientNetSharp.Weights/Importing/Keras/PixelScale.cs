using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Importing.Keras;

/// <summary>
/// What is done to each channel of an image on its way to the first convolution, <c>factor·x + shift</c> of pixels 0…255; a sequence of
/// steps that multiply and add is one such step.
/// </summary>
/// <param name="Factors">One per channel.</param>
/// <param name="Shifts">One per channel.</param>
internal sealed record PixelScale(ImmutableArray<double> Factors, ImmutableArray<double> Shifts)
{
    public static PixelScale Identity(int channels) =>
        new([.. Enumerable.Repeat(1.0, channels)], [.. Enumerable.Repeat(0.0, channels)]);

    /// <summary>This, then <c>factor·x + shift</c>; a single number stands for all channels.</summary>
    /// <returns><see langword="null"/> where there are as many numbers as there are not channels.</returns>
    public PixelScale? Then(IReadOnlyList<double> factors, IReadOnlyList<double> shifts)
    {
        int channels = Factors.Length;
        if ((factors.Count != 1 && factors.Count != channels) || (shifts.Count != 1 && shifts.Count != channels)) return null;
        double At(IReadOnlyList<double> values, int channel) => values[values.Count == 1 ? 0 : channel];
        return new PixelScale(
            [.. Factors.Select((factor, channel) => factor * At(factors, channel))],
            [.. Shifts.Select((shift, channel) => (shift * At(factors, channel)) + At(shifts, channel))]);
    }

    /// <summary>This, then <c>(x − mean) / √variance</c>.</summary>
    public PixelScale? ThenNormalized(IReadOnlyList<double> means, IReadOnlyList<double> variances)
    {
        // Keras's Normalization divides by at least its epsilon, 1e-7.
        double[] factors = [.. variances.Select(variance => 1 / Math.Max(Math.Sqrt(variance), 1e-7))];
        int count = Math.Max(means.Count, factors.Length);
        double At(IReadOnlyList<double> values, int channel) => values[values.Count == 1 ? 0 : channel];
        if (means.Count is var m && m != 1 && m != count) return null;
        if (factors.Length != 1 && factors.Length != count) return null;
        return Then(factors, [.. Enumerable.Range(0, count).Select(channel => -At(means, channel) * At(factors, channel))]);
    }

    /// <summary>The same as mean and deviation of values 0…1; <see langword="null"/> where a factor is not above 0.</summary>
    public (ImmutableArray<float> Mean, ImmutableArray<float> Deviation)? AsMeanAndDeviation()
    {
        if (Factors.Any(factor => !(factor > 0) || double.IsInfinity(factor))) return null;
        ImmutableArray<double> deviations = [.. Factors.Select(factor => 1 / (255 * factor))];
        return ([.. Shifts.Select((shift, channel) => Clean(-shift * deviations[channel]))], [.. deviations.Select(Clean)]);
    }

    /// <summary>The preprocessing with this scale; <see langword="null"/> where none says it.</summary>
    public Preprocessing? ApplyTo(Preprocessing preprocessing) => AsMeanAndDeviation() is not var (mean, deviation)
        ? null
        : preprocessing with { Mean = mean, StandardDeviation = deviation };

    // Files hold float32, and 0.485 is to come out as it went in: −0 and the last digits of a chain of divisions are no information.
    private static float Clean(double value) => (float)Math.Round(value, 7) + 0f;
}
