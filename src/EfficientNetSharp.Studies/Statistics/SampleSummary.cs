using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Studies.Statistics;

/// <summary>A mean over seeds, and how far it may be off.</summary>
/// <param name="Count">How many values there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their standard deviation, divided by count − 1; 0 for a single one.</param>
public readonly record struct SampleSummary(int Count, double Mean, double StandardDeviation)
{
    private const double Confidence = 0.95;

    /// <summary>The standard error of the mean; <see langword="null"/> for a single value, which tells nothing of it.</summary>
    public double? StandardError => Count < 2 ? null : StandardDeviation / Math.Sqrt(Count);

    /// <summary>
    /// Student's interval that holds the mean over all seeds with 95 % confidence; <see langword="null"/> for a single value.
    /// </summary>
    public Interval? Interval => StandardError is { } error && error * StudentT.TwoSided(Confidence, Count - 1) is var half
        ? new Interval(Mean - half, Mean + half) : null;

    /// <summary>Sums values up.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="leastVariance">
    /// A variance that the values have at least, as where they are counted in steps and a few may be equal by chance.
    /// </param>
    public static SampleSummary Of(IReadOnlyCollection<double> values, double leastVariance = 0)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfZero(values.Count, nameof(values));
        double mean = values.Average();
        if (values.Count == 1) return new SampleSummary(1, mean, 0);
        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new SampleSummary(values.Count, mean, Math.Sqrt(Math.Max(variance, leastVariance)));
    }
}
