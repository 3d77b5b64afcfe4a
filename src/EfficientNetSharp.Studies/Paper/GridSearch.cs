using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Statistics;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>The grid search of section 3.3: α, β and γ with α·β²·γ² ≈ 2, each network at φ = 1 trained.</summary>
internal sealed class GridSearch : IStudyPlan
{
    private const string Series = "grid";

    private readonly StudySettings _settings;
    private readonly ImmutableArray<CompoundScaling> _candidates;
    private readonly ImmutableArray<PlannedNetwork> _networks;

    // Candidates that round to one network stand at one point: the first one's.
    private readonly Dictionary<CompoundScaling, string> _pointOf = [];

    public GridSearch(StudySettings settings)
    {
        _settings = settings;
        var grid = CompoundScaling.Candidates(settings.GridStep);
        _candidates = grid.Contains(CompoundScaling.EfficientNet) ? grid : [CompoundScaling.EfficientNet, .. grid];
        int epochs = settings.Recipe.Epochs;
        var points = new Dictionary<string, string>(StringComparer.Ordinal);
        var networks = ImmutableArray.CreateBuilder<PlannedNetwork>();
        foreach (var candidate in _candidates)
        {
            var network = new PlannedNetwork(Series, NameOf(candidate), candidate.Apply(settings.Baseline, 1));
            string key = network.TrialOf(settings, epochs, 0).Key;
            if (points.TryAdd(key, network.Point)) networks.Add(network);
            _pointOf[candidate] = points[key];
        }

        _networks = networks.ToImmutable();
    }

    public string Title => "Section 3.3: the grid search of α, β and γ";

    public string Lead =>
        $"{_candidates.Length} settings of α, β and γ with α·β²·γ² within {NumberText.Of(CompoundScaling.UsualTolerance)} of 2 make " +
        $"{NumberText.Counted(_networks.Length, "network")} at φ = 1, and each is trained. The paper found α = 1.2, β = 1.1, γ = 1.15 around B0 on ImageNet.";

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results) => PlannedNetwork.TrialsOf(_settings, _networks);

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results)
    {
        string papers = _pointOf[CompoundScaling.EfficientNet];
        if (Rank(results) is not { } ranked || _pointOf[ranked[0].Scaling] is var best && best == papers) return [];
        return
        [
            Claim.Better(
                $"the best here ({best}) is better than the paper's {NameOf(CompoundScaling.EfficientNet)}", (Series, best), (Series, papers),
                "section 3.3: best for EfficientNet-B0 are α = 1.2, β = 1.1, γ = 1.15"),
        ];
    }

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results)
    {
        if (Rank(results) is not { } ranked) return ["The ranking stands here when all trials of the largest budget are done."];
        var scores = ScoresOf(results);
        var remarks = ImmutableArray.CreateBuilder<string>();
        string best = _pointOf[ranked[0].Scaling], papers = _pointOf[CompoundScaling.EfficientNet];
        int place = 1 + ranked.Select(one => _pointOf[one.Scaling]).Distinct().ToList().IndexOf(papers);
        remarks.Add(
            $"Best by the mean over seeds: {best}, {Percent(ranked[0].Score)}. The paper's bases are at place {place} of {_networks.Length}. " +
            "The best is chosen by the same trials that show its lead, which is therefore an upper bound.");
        int level = _networks.Count(network => network.Point != best
            && ClaimJudge.Judge(Claim.Better("", (Series, best), (Series, network.Point)), scores).Kind != VerdictKind.Holds);
        remarks.Add($"{level} of the {_networks.Length - 1} other networks cannot be told from it over seeds and budgets.");
        foreach (string budget in scores.Budgets)
        {
            var points = _networks.Select(network => scores.Of(budget, Series, network.Point)).Where(found => found.Length > 0).ToList();
            if (points.Count < 3) continue;
            double[] means = [.. points.Select(found => found.Average(one => one.Score.Top1))];
            remarks.Add(
                $"Rank correlation with accuracy at {budget}: parameters {Correlation(found => found.Parameters)}, " +
                $"multiply-adds {Correlation(found => found.Macs)}. A proxy that does not beat these two needs no training to be matched.");

            string Correlation(Func<TrialResult, double> of) =>
                RankCorrelation.Spearman(means, [.. points.Select(found => of(found[0]))]) is { } value
                    ? value.ToString("0.00", CultureInfo.InvariantCulture) : "none";
        }

        return remarks.ToImmutable();
    }

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) =>
        [
        new("grid", "Accuracy over multiply-adds",
            [new PlotLine("networks of the grid", [.. _networks.Select(network => (Series, network.Point))], IsJoined: false)]),
    ];

    private StudyScores ScoresOf(IReadOnlyDictionary<string, TrialResult> results) => new(Trials(results).OfType<Trial>(), results);

    // Null while a network has no result of the largest budget.
    private ImmutableArray<RankedScaling>? Rank(IReadOnlyDictionary<string, TrialResult> results)
    {
        var scores = ScoresOf(results);
        string budget = scores.Budgets[0];
        if (_networks.Any(network => scores.Of(budget, Series, network.Point).Length < _settings.Seeds)) return null;
        return CompoundScaling.Rank(
            _settings.Baseline, _candidates, (_, scaling) => scores.Of(budget, Series, _pointOf[scaling]).Average(result => result.Score.Top1));
    }

    private static string NameOf(CompoundScaling scaling) => string.Create(
        CultureInfo.InvariantCulture, $"α {scaling.Alpha:0.###} β {scaling.Beta:0.###} γ {scaling.Gamma:0.###}");

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
