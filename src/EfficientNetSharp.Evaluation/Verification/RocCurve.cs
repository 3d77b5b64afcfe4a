using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>What a threshold does: pairs whose score is above it are accepted as the same identity.</summary>
/// <param name="Threshold">The threshold; −∞ where every pair is accepted, +∞ where none is.</param>
/// <param name="FalseAcceptRate">FAR: the share of impostor pairs that are accepted.</param>
/// <param name="TrueAcceptRate">TAR: the share of genuine pairs that are accepted.</param>
public readonly record struct OperatingPoint(double Threshold, double FalseAcceptRate, double TrueAcceptRate)
{
    /// <summary>FRR: the share of genuine pairs that are rejected.</summary>
    public double FalseRejectRate => 1 - TrueAcceptRate;
}

/// <summary>
/// The exact receiver operating characteristic of scores of genuine and impostor pairs. Pairs of equal score are accepted or rejected
/// together, so a curve of scores that tell nothing is a single step, and not a matter of their order.
/// </summary>
public sealed class RocCurve
{
    // Rising.
    private readonly double[] _genuine, _impostors;

    private RocCurve(double[] genuine, double[] impostors) => (_genuine, _impostors) = (genuine, impostors);

    /// <summary>Genuine pairs.</summary>
    public int Genuine => _genuine.Length;

    /// <summary>Impostor pairs.</summary>
    public int Impostors => _impostors.Length;

    /// <summary>Takes scores of which the larger mean more alike.</summary>
    /// <param name="genuine">Scores of pairs of the same identity, at least one.</param>
    /// <param name="impostors">Scores of pairs of different identities, at least one.</param>
    /// <exception cref="InvalidInputException">There is none of one kind, or a score is not finite.</exception>
    public static RocCurve Of(ReadOnlySpan<double> genuine, ReadOnlySpan<double> impostors) =>
        new(Sorted(genuine, "genuine"), Sorted(impostors, "impostor"));

    /// <summary>Takes scores of pairs.</summary>
    /// <param name="scores">A score per pair; the larger, the more alike.</param>
    /// <param name="pairs">The pairs.</param>
    /// <exception cref="ArgumentException">There are not as many scores as pairs.</exception>
    /// <exception cref="InvalidInputException">There is no pair of one kind, or a score is not finite.</exception>
    public static RocCurve OfPairs(ReadOnlySpan<double> scores, ReadOnlySpan<RowPair> pairs)
    {
        if (scores.Length != pairs.Length) throw new ArgumentException($"{pairs.Length} scores are expected, not {scores.Length}.",
            nameof(scores));
        var (genuine, impostors) = (new List<double>(), new List<double>());
        for (int i = 0; i < scores.Length; i++) (pairs[i].IsSame ? genuine : impostors).Add(scores[i]);
        return Of([.. genuine], [.. impostors]);
    }

    /// <summary>
    /// The area under the curve: the chance that a genuine pair scores higher than an impostor pair, where equal scores count half.
    /// </summary>
    public double AreaUnderCurve
    {
        get
        {
            // Twice the number of pairs of pairs in the right order.
            Int128 twice = 0;
            int below = 0, notAbove = 0;
            foreach (double score in _genuine)
            {
                while (below < _impostors.Length && _impostors[below] < score) below++;
                while (notAbove < _impostors.Length && _impostors[notAbove] <= score) notAbove++;
                twice += (long)below + notAbove;
            }

            return (double)twice / 2 / _genuine.Length / _impostors.Length;
        }
    }

    /// <summary>What a threshold does.</summary>
    public OperatingPoint AtThreshold(double threshold) =>
        new(threshold, Share(Above(_impostors, threshold), Impostors), Share(Above(_genuine, threshold), Genuine));

    /// <summary>
    /// The lowest threshold whose false accept rate is not above a target, and what it does: TAR@FAR without interpolation. It is the score
    /// of the impostor pair that just is not accepted. Below a rate of 1/<see cref="Impostors"/> that is the highest impostor score, and
    /// the true rate at it is only known to be small; see <see cref="BinomialInterval"/>.
    /// </summary>
    /// <param name="falseAcceptRate">The target, within 0 … 1.</param>
    public OperatingPoint AtFalseAcceptRate(double falseAcceptRate)
    {
        CheckRate(falseAcceptRate);
        int accepted = (int)AcceptedAt(falseAcceptRate, Impostors);
        return AtThreshold(accepted == Impostors ? double.NegativeInfinity : _impostors[^(accepted + 1)]);
    }

    /// <summary>
    /// TAR@FAR as the IJB protocol of arcface_torch takes it (<c>onnx_ijbc.py</c>): the point of scikit-learn's curve, without points that
    /// lie on a line between others, whose rate is nearest to the target, above or below it; of equally near ones that with the highest
    /// rates.
    /// </summary>
    /// <param name="falseAcceptRate">The target, within 0 … 1.</param>
    public OperatingPoint NearestToFalseAcceptRate(double falseAcceptRate)
    {
        CheckRate(falseAcceptRate);
        var points = Points;
        var best = points[^1];
        for (int i = points.Length - 2; i >= 0; i--)
        {
            if (Math.Abs(points[i].FalseAcceptRate - falseAcceptRate) < Math.Abs(best.FalseAcceptRate - falseAcceptRate)) best = points[i];
        }

        return best;
    }

    /// <summary>
    /// Where as many impostor pairs are accepted as genuine ones are rejected: the rate at the crossing of both, on the line between the
    /// curve's points there.
    /// </summary>
    public double EqualErrorRate
    {
        get
        {
            var before = new OperatingPoint(double.PositiveInfinity, 0, 0);
            foreach (var point in Points)
            {
                double gap = point.FalseAcceptRate - point.FalseRejectRate;
                if (gap >= 0)
                {
                    double gapBefore = before.FalseAcceptRate - before.FalseRejectRate, part = gapBefore / (gapBefore - gap);
                    return before.FalseAcceptRate + (part * (point.FalseAcceptRate - before.FalseAcceptRate));
                }

                before = point;
            }

            return 1;
        }
    }

    /// <summary>
    /// The point of the highest accuracy on as many genuine as impostor pairs, (TAR + 1 − FAR)/2; of equal ones that with the lowest rates.
    /// </summary>
    public OperatingPoint MostAccurate => Points.MaxBy(point => point.TrueAcceptRate - point.FalseAcceptRate);

    /// <summary>
    /// The corners of the curve with rising rates, from where nothing is accepted to where everything is: scikit-learn's <c>roc_curve</c>
    /// with <c>drop_intermediate</c>, but that a threshold is what accepted scores are above.
    /// </summary>
    public ImmutableArray<OperatingPoint> Points => field.IsDefault ? field = [.. Corners()] : field;

    private List<OperatingPoint> Corners()
    {
        var steps = new List<(double Threshold, int False, int True)>();
        int genuine = Genuine, impostors = Impostors;
        while (genuine > 0 || impostors > 0)
        {
            double score = Math.Max(
                genuine > 0 ? _genuine[genuine - 1] : double.NegativeInfinity,
                    impostors > 0 ? _impostors[impostors - 1] : double.NegativeInfinity);
            while (genuine > 0 && _genuine[genuine - 1] == score) genuine--;
            while (impostors > 0 && _impostors[impostors - 1] == score) impostors--;
            double next = Math.Max(
                genuine > 0 ? _genuine[genuine - 1] : double.NegativeInfinity,
                    impostors > 0 ? _impostors[impostors - 1] : double.NegativeInfinity);
            steps.Add((next, Impostors - impostors, Genuine - genuine));
        }

        var points = new List<OperatingPoint> { new(double.PositiveInfinity, 0, 0) };
        for (int i = 0; i < steps.Count; i++)
        {
            // Kept where the second difference is not zero in one of the two; the ends always.
            if (i > 0 && i < steps.Count - 1
                && steps[i + 1].False - steps[i].False == steps[i].False - steps[i - 1].False
                && steps[i + 1].True - steps[i].True == steps[i].True - steps[i - 1].True)
            {
                continue;
            }

            points.Add(new OperatingPoint(steps[i].Threshold, Share(steps[i].False, Impostors), Share(steps[i].True, Genuine)));
        }

        return points;
    }

    /// <summary>Whether a number of impostor pairs tells a rate: at least one of them is accepted at it.</summary>
    /// <param name="falseAcceptRate">The rate, above 0 and below 1.</param>
    /// <param name="impostors">Impostor pairs.</param>
    public static bool IsMeasurable(double falseAcceptRate, long impostors) => AcceptedAt(falseAcceptRate, impostors) > 0;

    /// <summary>How many of a number of impostor pairs a rate lets be accepted; rates such as 0.07 of 100 are 7 despite rounding.</summary>
    private static long AcceptedAt(double falseAcceptRate, long impostors)
    {
        long accepted = (long)(falseAcceptRate * impostors);
        return accepted < impostors && (double)(accepted + 1) / impostors <= falseAcceptRate ? accepted + 1 : accepted;
    }

    private static int Above(double[] rising, double threshold)
    {
        int low = 0, high = rising.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (rising[middle] > threshold) high = middle;
            else low = middle + 1;
        }

        return rising.Length - low;
    }

    private static double[] Sorted(ReadOnlySpan<double> scores, string kind)
    {
        if (scores.IsEmpty) throw new InvalidInputException($"Expected {kind} pairs, found none; give pairs of both kinds.");
        foreach (double score in scores)
        {
            if (!double.IsFinite(score))
                throw new InvalidInputException($"Expected finite scores of {kind} pairs, found {NumberText.Of(score)}; check the embeddings.");
        }

        var sorted = scores.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static void CheckRate(double rate)
    {
        if (!(rate is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "A rate is within 0 … 1.");
    }

    private static double Share(int part, int whole) => (double)part / whole;
}
