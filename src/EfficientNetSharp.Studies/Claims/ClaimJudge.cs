using System.Collections.Immutable;
using EfficientNetSharp.Studies.Statistics;

namespace EfficientNetSharp.Studies.Claims;

/// <summary>
/// Holds claims against trials. Differences are taken seed by seed, and their mean has Student's interval: a claim holds where the interval
/// is above 0 at every budget and there are two budgets at least, since conclusions from one budget often turn at another (Bello et al.
/// 2021).
/// </summary>
internal static class ClaimJudge
{
    public static ClaimVerdict Judge(Claim claim, StudyScores scores)
    {
        var budgets = scores.BudgetsOf(claim.Terms.Select(term => (term.Series, term.Point)));
        ImmutableArray<ClaimEvidence> evidence = [.. budgets.Select(budget => new ClaimEvidence(budget, DifferenceAt(claim, scores, budget)))];
        int above = evidence.Count(one => one.Difference?.Interval is { Lower: > 0 });
        int below = evidence.Count(one => one.Difference?.Interval is { Upper: < 0 });
        var kind = evidence.Length < 2 ? VerdictKind.NotSettled
            : above == evidence.Length ? VerdictKind.Holds
            : below == evidence.Length ? VerdictKind.Reversed : VerdictKind.NotSettled;
        return new ClaimVerdict(claim, kind, kind == VerdictKind.NotSettled ? WhyNot(evidence) : "", evidence);
    }

    private static SampleSummary? DifferenceAt(Claim claim, StudyScores scores, string budget)
    {
        var seeds = scores.SeedsOf(budget).Where(seed => claim.Terms.All(term => scores.Find(budget, term.Series, term.Point, seed) is not null)).ToList();
        if (seeds.Count == 0) return null;
        var sums = seeds.Select(seed => claim.Terms.Sum(term => term.Weight * scores.Find(budget, term.Series, term.Point, seed)!.Accuracy)).ToList();
        // A share of n images comes in steps of 1/n, and a value rounded to a step is off by a variance of step²/12: differences that
        // happen to be all alike are not without spread.
        double leastVariance = claim.Terms.Sum(term =>
        {
            double step = 1.0 / Math.Max(1, scores.Find(budget, term.Series, term.Point, seeds[0])!.Score.Images);
            return term.Weight * term.Weight * step * step / 12;
        });
        return SampleSummary.Of(sums, leastVariance);
    }

    private static string WhyNot(ImmutableArray<ClaimEvidence> evidence)
    {
        if (evidence.Any(one => one.Difference is null)) return "trials are missing";
        if (evidence.Any(one => one.Difference!.Value.Count < 2)) return "one seed tells nothing of others";
        var open = evidence.Where(one => one.Difference!.Value.Interval is { Lower: <= 0, Upper: >= 0 }).Select(one => one.Budget).ToList();
        if (open.Count > 0) return $"within the spread over seeds at {string.Join(" and ", open)}";
        return evidence.Length < 2 ? "one budget tells nothing of others" : "the budgets contradict each other";
    }
}
