namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>What a count of events among independent trials says about their rate.</summary>
public static class BinomialInterval
{
    /// <summary>
    /// The exact interval of Clopper and Pearson (1934): each end's rate would give a count as far off or farther with a chance of half of
    /// what the confidence leaves.
    /// </summary>
    /// <param name="events">Events, 0 … trials.</param>
    /// <param name="trials">Trials, at least 1.</param>
    /// <param name="confidence">The confidence, within 0 … 1; default 0.95.</param>
    public static Interval Of(long events, long trials, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(events, trials);
        CheckConfidence(confidence);
        double half = (1 - confidence) / 2;
        return new Interval(
            events == 0 ? 0 : Solve(rate => IncompleteBeta.Regularized(events, trials - events + 1, rate), half),
            events == trials ? 1 : Solve(rate => IncompleteBeta.Regularized(events + 1, trials - events, rate), 1 - half));
    }

    /// <summary>
    /// Trials without a single event after which a rate is known to be at most so large: ln(1 − confidence) / ln(1 − rate), the rule of
    /// three (3/rate at 95 %).
    /// </summary>
    /// <param name="rate">The rate, above 0 and below 1.</param>
    /// <param name="confidence">The confidence, within 0 … 1; default 0.95.</param>
    public static long TrialsToBound(double rate, double confidence = 0.95)
    {
        CheckRate(rate);
        CheckConfidence(confidence);
        return checked((long)Math.Ceiling(Math.Log(1 - confidence) / double.LogP1(-rate)));
    }

    /// <summary>
    /// The largest rate after trials without a single event, the other way round of <see cref="TrialsToBound"/>: 1 − (1 − confidence)^(1/trials).
    /// </summary>
    /// <param name="trials">Trials, at least 1.</param>
    /// <param name="confidence">The confidence, within 0 … 1; default 0.95.</param>
    public static double LargestWithout(long trials, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        CheckConfidence(confidence);
        return -double.ExpM1(Math.Log(1 - confidence) / trials);
    }

    /// <summary>
    /// Trials after which a rate is measured to within ± 30 % of itself with a confidence of 90 %: those in which 30 events are expected
    /// (G. Doddington's rule of 30, 2000).
    /// </summary>
    /// <param name="rate">The rate, above 0 and below 1.</param>
    public static long TrialsToMeasure(double rate)
    {
        CheckRate(rate);
        return checked((long)Math.Ceiling(30 / rate));
    }

    // The function rises with the rate from 0 to 1.
    private static double Solve(Func<double, double> rising, double value)
    {
        double low = 0, high = 1;
        for (int i = 0; i < 200 && low < high; i++)
        {
            double middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (rising(middle) < value) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    private static void CheckRate(double rate)
    {
        if (!(rate is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "A rate is above 0 and below 1.");
    }

    private static void CheckConfidence(double confidence)
    {
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence is above 0 and below 1.");
    }
}
