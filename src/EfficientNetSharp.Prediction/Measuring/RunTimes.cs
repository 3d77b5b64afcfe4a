using System.Collections.Immutable;

namespace EfficientNetSharp.Prediction.Measuring;

/// <summary>Times of one thing that was run several times.</summary>
/// <param name="TimesMs">The times in milliseconds, in the order of the runs; at least one.</param>
public sealed record RunTimes(ImmutableArray<double> TimesMs)
{
    /// <summary>Runs from which on something can be said of how they vary.</summary>
    public const int MinToJudge = 9;

    /// <summary>The spread from which on a median says more of the machine than of what was run.</summary>
    public const double MaxSpread = 0.1;

    /// <summary>The drift from which on it does.</summary>
    public const double MaxDrift = 0.05;

    /// <summary>The times in milliseconds, from the shortest.</summary>
    public ImmutableArray<double> SortedMs { get; } = [.. TimesMs.Order()];

    /// <summary>Times of the runs before them, the very first ones perhaps, in their order.</summary>
    public ImmutableArray<double> WarmUpMs { get; init; } = [];

    /// <summary>The shortest, in milliseconds: the time that the machine's other work lengthens least.</summary>
    public double MinMs => SortedMs[0];

    /// <summary>A quarter of the runs is shorter, in milliseconds.</summary>
    public double LowerQuartileMs => SortedMs[(SortedMs.Length - 1) / 4];

    /// <summary>The middle one, in milliseconds.</summary>
    public double MedianMs => SortedMs[SortedMs.Length / 2];

    /// <summary>A quarter of the runs is longer, in milliseconds.</summary>
    public double UpperQuartileMs => SortedMs[^(((SortedMs.Length - 1) / 4) + 1)];

    /// <summary>How far the quartiles are apart, as a share of the median.</summary>
    public double Spread => (UpperQuartileMs - LowerQuartileMs) / MedianMs;

    /// <summary>How far the medians of the first and second half of the runs are apart, as a share of the smaller one.</summary>
    public double Drift
    {
        get
        {
            if (TimesMs.Length < 2) return 0;
            double first = new RunTimes(TimesMs[..(TimesMs.Length / 2)]).MedianMs;
            double second = new RunTimes(TimesMs[(TimesMs.Length / 2)..]).MedianMs;
            return (Math.Max(first, second) / Math.Min(first, second)) - 1;
        }
    }

    /// <summary>
    /// Whether the runs vary too much to judge by: their spread is above <see cref="MaxSpread"/> or their drift above
    /// <see cref="MaxDrift"/>. Of fewer runs than <see cref="MinToJudge"/> nothing can be said.
    /// </summary>
    public bool IsNoisy => TimesMs.Length >= MinToJudge && (Spread > MaxSpread || Drift > MaxDrift);
}
