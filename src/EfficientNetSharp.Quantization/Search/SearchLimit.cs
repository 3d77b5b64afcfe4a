using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>What a plan is to keep: a drop, as fast as can be, or a time, as near to the float network as can be.</summary>
public sealed record SearchLimit
{
    // Sums of shares are off by this little.
    private const double Rounding = 1e-9;

    private SearchLimit(double? maxDrop, double? maxMs, DropMeasure measure) => (MaxDrop, MaxMs, Measure) = (maxDrop, maxMs, measure);

    /// <summary>The most that may be lost, in points of 100; <see langword="null"/> where the time is limited.</summary>
    public double? MaxDrop { get; }

    /// <summary>The longest predicted time in milliseconds; <see langword="null"/> where the drop is limited.</summary>
    public double? MaxMs { get; }

    /// <summary>What is lost.</summary>
    public DropMeasure Measure { get; }

    /// <summary>The fastest plan that loses no more.</summary>
    /// <param name="points">Points of 100, from 0.</param>
    /// <param name="measure">Of what.</param>
    public static SearchLimit Drop(double points, DropMeasure measure) =>
        new(new NumberRange(0, 100).Require(points, "The largest drop in points"), null, measure);

    /// <summary>The plan nearest to the float network that takes no longer.</summary>
    /// <param name="ms">Milliseconds.</param>
    /// <param name="measure">What is told of the drop.</param>
    public static SearchLimit Time(double ms, DropMeasure measure) =>
        new(null, NumberRange.Above(0).Require(ms, "The longest time in ms"), measure);

    /// <summary>
    /// Whether a measured drop keeps the limit: with its standard error on top, so that most other images keep it too.
    /// </summary>
    public bool Keeps(MeasuredDrop drop) => MaxDrop is not { } most || drop.Points + drop.Error <= most + Rounding;

    /// <summary>The same limit with the measure as it can be taken on some images (<see cref="DropMeasure.On"/>).</summary>
    internal SearchLimit On(ReadOnlySpan<int> labels) => new(MaxDrop, MaxMs, Measure.On(labels));
}
