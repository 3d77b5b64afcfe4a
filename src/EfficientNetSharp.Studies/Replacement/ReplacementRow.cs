using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Statistics;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>A network, trained one way, in one precision: what its trials with all seeds of a budget say together.</summary>
/// <param name="Network">The network.</param>
/// <param name="Training">Its line: <see cref="ReplacementStudy.Alone"/> or <see cref="ReplacementStudy.Distilled"/>.</param>
/// <param name="Found">The trials' results.</param>
/// <param name="Results">Their results in the precision, in the same order.</param>
internal sealed record ReplacementRow(
    Architecture Network, string Training, ImmutableArray<TrialResult> Found, ImmutableArray<PrecisionResult> Results)
{
    public StudyPrecision Precision => Results[0].Precision;

    /// <summary>The accuracy by which networks are compared, over seeds.</summary>
    public SampleSummary Accuracy =>
        SampleSummary.Of([.. Found.Zip(Results, (trial, result) => trial.Embedding!.AccuracyOf(result).Value)]);

    /// <summary>
    /// Where the accuracy may lie for other identities: the mean of the seeds' intervals, as all are of the same identities.
    /// </summary>
    public Interval Spread => Mean(Found.Zip(Results, (trial, result) => (Estimate?)trial.Embedding!.AccuracyOf(result)))!.Value.Interval;

    /// <summary>
    /// Where the accuracy may lie for other identities and, where there are several, other seeds: the hull of both intervals.
    /// </summary>
    public Interval Bounds => Accuracy.Interval is { } seeds
        ? new Interval(Math.Min(Spread.Lower, seeds.Lower), Math.Max(Spread.Upper, seeds.Upper)) : Spread;

    public Estimate Verification => Mean(Results.Select(result => (Estimate?)result.Verification))!.Value;

    public Estimate RecallAt1 => Mean(Results.Select(result => (Estimate?)result.RecallAt1))!.Value;

    public Estimate? AcceptedAt1Percent => Mean(Results.Select(result => result.AcceptedAt1Percent));

    public Estimate? AcceptedAt1PerMille => Mean(Results.Select(result => result.AcceptedAt1PerMille));

    public double FileMegabytes => Results.Average(result => result.FileBytes) / 1e6;

    /// <summary>Predicted milliseconds on the device, on average over seeds, whose mixed plans may differ.</summary>
    public double? DeviceMs => Results.Average(result => result.DeviceMs);

    public double? DeviceMegabytes => Results.Average(result => result.DeviceFileBytes) / 1e6;

    public double WideLayers => Results.Average(result => result.WideLayers);

    /// <summary>The shortest time of any seed's network.</summary>
    public double? EngineMs => Results.Min(result => result.EngineMs);

    /// <summary>What people call it.</summary>
    public string Name => $"{Network.Name}{(Training == ReplacementStudy.Alone ? "" : ", " + Training)}, {StudyPrecisions.WordOf(Precision)}";

    /// <summary>The rows of a budget that have results, network by network.</summary>
    public static IEnumerable<ReplacementRow> Of(ReplacementStudy study, StudyScores scores, string budget) =>
        from network in study.Networks
        let found = scores.Of(budget, network.Series, network.Point).Where(result => result.Embedding is not null).ToImmutableArray()
        where !found.IsEmpty
        from precision in found[0].Embedding!.Precisions.Select(result => result.Precision)
        select new ReplacementRow(
            network.Architecture, network.Series, found,
            [.. found.Select(result => result.Embedding!.Precisions.First(one => one.Precision == precision))]);

    private static Estimate? Mean(IEnumerable<Estimate?> estimates)
    {
        var known = estimates.OfType<Estimate>().ToList();
        return known.Count == 0 ? null : new Estimate(
            known.Average(one => one.Value),
            new Interval(known.Average(one => one.Interval.Lower), known.Average(one => one.Interval.Upper)));
    }
}
