using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// What scores of pairs say about verification on other images of this kind: thresholds for false accept rates, and intervals that take
/// into account that pairs share identities.
/// </summary>
/// <remarks>
/// An interval is the hull of two: the bootstrap over identities (<see cref="IdentityBootstrap"/>), and for rates the exact binomial
/// interval of Clopper and Pearson, which holds where there is no event to draw anew.
/// </remarks>
public static class VerificationEvaluator
{
    /// <summary>Judges scores.</summary>
    /// <param name="scores">A score per pair; the larger, the more alike.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="identities">The identity of each row.</param>
    /// <param name="options">What is measured; <see langword="null"/> for the usual.</param>
    /// <exception cref="ArgumentException">There are not as many scores as pairs, or a pair names a row that there is not.</exception>
    /// <exception cref="InvalidInputException">There is no pair of one kind, or a score is not finite.</exception>
    public static VerificationResult Evaluate(
        ReadOnlySpan<double> scores, ReadOnlySpan<RowPair> pairs, ReadOnlySpan<int> identities, VerificationOptions? options = null)
    {
        options ??= new VerificationOptions();
        if (options.FalseAcceptRates.IsDefault || options.FalseAcceptRates.Any(rate => !(rate is > 0 and < 1)))
            throw new ArgumentOutOfRangeException(nameof(options), "Rates are above 0 and below 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BootstrapSamples, 1, nameof(options));
        RowPair.Check(pairs, identities.Length);
        var roc = RocCurve.OfPairs(scores, pairs);
        var bootstrap = new IdentityBootstrap(scores, pairs, identities);
        double[] scoreOf = scores.ToArray();
        var genuine = new List<int>();
        var impostors = new List<int>();
        for (int i = 0; i < pairs.Length; i++) (pairs[i].IsSame ? genuine : impostors).Add(i);
        var (points, accuracy) = Measure(roc, bootstrap, options);
        return new VerificationResult
        {
            Identities = bootstrap.Identities,
            Roc = roc,
            Accuracy = accuracy,
            Points = points,
            WorstGenuine = [.. genuine.OrderBy(pair => scoreOf[pair]).Take(options.Worst)],
            WorstImpostors = [.. impostors.OrderByDescending(pair => scoreOf[pair]).Take(options.Worst)],
        };
    }

    private static (ImmutableArray<VerificationPoint> Points, Estimate Accuracy) Measure(
        RocCurve roc, IdentityBootstrap bootstrap, VerificationOptions options)
    {
        double[] measured = [.. options.FalseAcceptRates.Where(IsMeasured)];
        var best = roc.MostAccurate;
        OperatingPoint[] points = [.. measured.Select(roc.AtFalseAcceptRate), best];
        var spreads = bootstrap.Run(
            [.. measured, best.FalseAcceptRate], [.. points.Select(point => point.Threshold)], options.BootstrapSamples, options.Seed);
        double accuracy = (best.TrueAcceptRate + 1 - best.FalseAcceptRate) / 2;
        return (
        [
            .. options.FalseAcceptRates.Select(rate =>
            {
                if (!IsMeasured(rate)) return new VerificationPoint { Target = rate, Threshold = null };
                int place = Array.IndexOf(measured, rate);
                var point = points[place];
                int accepts = Count(point.FalseAcceptRate, roc.Impostors), rejects = Count(point.FalseRejectRate, roc.Genuine);
                return new VerificationPoint
                {
                    Target = rate,
                    Threshold = point.Threshold,
                    ThresholdInterval = spreads[place].Threshold,
                    FalseAccepts = accepts,
                    FalseAcceptRate = new Estimate(
                        point.FalseAcceptRate, Hull(spreads[place].FalseAcceptRate, BinomialInterval.Of(accepts, roc.Impostors))),
                    FalseRejects = rejects,
                    FalseRejectRate = new Estimate(
                        point.FalseRejectRate, Hull(spreads[place].FalseRejectRate, BinomialInterval.Of(rejects, roc.Genuine))),
                };
            }),
        ], new Estimate(accuracy, spreads[^1].Accuracy ?? new Interval(0, 1)));

        bool IsMeasured(double rate) => RocCurve.IsMeasurable(rate, roc.Impostors);
    }

    private static int Count(double rate, int of) => (int)Math.Round(rate * of);

    private static Interval Hull(Interval? a, Interval b) =>
        a is { } other ? new Interval(Math.Min(other.Lower, b.Lower), Math.Max(other.Upper, b.Upper)) : b;
}
