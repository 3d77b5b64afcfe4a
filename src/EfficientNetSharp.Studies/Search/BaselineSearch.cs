using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Paper;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Search;

/// <summary>
/// The search of section 4: evolution and random search with equally many trials, and what each found trained longer, with several seeds,
/// beside the baseline scaled to the same multiply-adds.
/// </summary>
internal sealed class BaselineSearch : IStudyPlan
{
    private const string Random = "random search", Evolution = "evolution", Final = "final";

    private readonly StudySettings _settings;
    private readonly SearchSpace _space;
    private readonly RegularizedEvolution _evolution;
    private readonly double _target;

    public BaselineSearch(StudySettings settings)
    {
        _settings = settings;
        if (settings.Baselines.Length != 2)
            throw new InvalidInputException("A search expects two networks, the one to compare with and the one whose stages it changes.");
        _space = new SearchSpace(settings.Baseline, settings.Baselines[1]);
        _evolution = new RegularizedEvolution(_space, settings.Search, settings.Recipe.Seed);
        _target = settings.Search.Target ?? EqualCost.MacsOf(settings.Baseline, settings.Data.Classes);
    }

    public string Title => "Section 4: the search of a baseline";

    public string Lead
    {
        get
        {
            var search = _settings.Search;
            string cost = search.Cost == SearchCost.Macs ? $"{_target:N0} multiply-adds"
                : string.Create(CultureInfo.InvariantCulture, $"{_target:0.###} ms ({search.Latency})");
            string reward = search.Reward == RewardKind.Soft
                ? string.Create(CultureInfo.InvariantCulture, $"accuracy · (cost/target)^{search.Exponent}")
                : string.Create(CultureInfo.InvariantCulture, $"accuracy {search.Exponent} · |cost/target − 1|");
            return $"Evolution and random search try {NumberText.Counted(search.Trials, "network")} each in MnasNet's space, the first " +
                $"{Math.Min(search.Population, search.Trials)} being the same. The reward is {reward} with a target of {cost}, its accuracy that on the " +
                "validation images. The best of each is then trained longer, and so is the baseline scaled to the multiply-adds of evolution's best.";
        }
    }

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results)
    {
        int count = _settings.Search.Trials;
        var trials = ImmutableArray.CreateBuilder<Trial?>();
        for (int i = 0; i < count; i++) trials.Add(TrialOf(Random, i, _evolution.Sample(i)));
        var decided = _evolution.Decided(choices => RewardOf(TrialOf(Evolution, 0, choices), results));
        for (int i = 0; i < count; i++) trials.Add(i < decided.Length ? TrialOf(Evolution, i, decided[i]) : null);

        var finals = FinalsOf(trials, results);
        foreach (int epochs in _settings.EpochsOfBudgets)
        {
            for (int seed = 0; seed < _settings.Seeds; seed++)
            {
                for (int i = 0; i < FinalNames.Length; i++)
                {
                    trials.Add(finals is null ? null : finals[i].TrialOf(
                        _settings, epochs * _settings.Search.FinalEpochs, _settings.Recipe.Seed + (ulong)seed));
                }
            }
        }

        return trials.ToImmutable();
    }

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        Claim.Better("what evolution found is better than what random search found", (Final, Evolution), (Final, Random)),
        Claim.Better(
            "what evolution found is better than the baseline scaled to the same multiply-adds", (Final, Evolution), (Final, BaselineName),
            "EfficientNet-B0 is what the paper's search found at 400 M multiply-adds"),
    ];

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results)
    {
        var trials = Trials(results);
        var remarks = ImmutableArray.CreateBuilder<string>();
        remarks.Add(string.Create(CultureInfo.InvariantCulture, $"The space has {_space.Size:0.#e0} choices; MnasNet's, with pooling, about 10^13."));
        foreach (string series in new[] { Evolution, Random })
        {
            if (BestOf(series, trials, results) is not { } best || !results.TryGetValue(best.Key, out var result)) continue;
            remarks.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Best of {series} so far: {best.Point}, reward {RewardOf(best, results):0.0000}, {100 * result.Validation.Top1:0.00} % of the validation images, {result.Macs:N0} multiply-adds, {result.Parameters:N0} parameters: {TextOf(best.Architecture)}."));
        }

        return remarks.ToImmutable();
    }

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results)
    {
        var trials = Trials(results).OfType<Trial>().ToList();
        return
        [
            new("search", "All networks tried",
            [
                .. new[] { Random, Evolution }.Select(series => new PlotLine(
                    series, [.. trials.Where(one => one.Series == series).Select(one => (series, one.Point))], IsJoined: false)),
            ]),
        ];
    }

    private string BaselineName => _settings.Baseline.Name;

    private string[] FinalNames => [Evolution, Random, BaselineName];

    private Trial TrialOf(string series, int trial, ImmutableArray<BlockChoice> choices)
    {
        string point = string.Create(CultureInfo.InvariantCulture, $"#{trial + 1}");
        return new PlannedNetwork(series, point, _space.NetworkOf(choices, $"{series} {point}"))
            .TrialOf(_settings, _settings.Recipe.Epochs, _settings.Recipe.Seed);
    }

    // Null until all trials of the search are done.
    private PlannedNetwork[]? FinalsOf(IReadOnlyCollection<Trial?> trials, IReadOnlyDictionary<string, TrialResult> results)
    {
        if (trials.Any(trial => trial is null || !results.ContainsKey(trial.Key))) return null;
        var evolved = BestOf(Evolution, trials, results)!;
        var baseline = EqualCost.At(_settings.Baseline, EqualCost.Compound, results[evolved.Key].Macs, _settings.Data.Classes);
        return
        [
            new(Final, Evolution, evolved.Architecture),
            new(Final, Random, BestOf(Random, trials, results)!.Architecture),
            new(Final, BaselineName, baseline),
        ];
    }

    // The earliest of the best.
    private Trial? BestOf(string series, IEnumerable<Trial?> trials, IReadOnlyDictionary<string, TrialResult> results) =>
        trials.OfType<Trial>().Where(trial => trial.Series == series).MaxBy(trial => RewardOf(trial, results) ?? double.NegativeInfinity);

    private double? RewardOf(Trial trial, IReadOnlyDictionary<string, TrialResult> results)
    {
        if (!results.TryGetValue(trial.Key, out var result)) return null;
        // A network that cannot be trained is none to go on from.
        if (result.Diverged is not null) return double.MinValue;
        double cost = _settings.Search.Cost == SearchCost.Macs ? result.Macs
            : result.LatencyMs ?? throw new InvalidInputException(
                "The study's table has trials without a latency, and the search goes by it; name another folder with -o.");
        return _settings.Search.RewardOf(result.Validation.Top1, cost, _target);
    }

    private static string TextOf(Architecture network) => string.Join(", ", network.Stages.Select(stage => string.Create(
        CultureInfo.InvariantCulture,
        $"{stage.Repeats}× {stage.Block switch { BlockKind.FusedMBConv => "conv", BlockKind.DepthwiseSeparable => "sep", _ => $"mb{stage.Expansion:0}" }} k{stage.Kernel} {stage.Channels}{(stage.SqueezeExcite > 0 ? " se" : "")}{(stage.Residual ? "" : " no skip")}")));
}
