using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Paper;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Strategies;

/// <summary>Published strategies of scaling, compared at equal multiply-adds and at equal time.</summary>
internal sealed class StrategyStudy : IStudyPlan
{
    private static readonly (string Series, string Point) Base = ("baseline", EqualCost.PointOf(1));

    private readonly StudySettings _settings;
    private readonly StrategySettings _strategies;
    private readonly ImmutableArray<PlannedNetwork> _networks;

    public StrategyStudy(StudySettings settings)
    {
        _settings = settings;
        _strategies = settings.Strategies;
        _networks =
        [
            new PlannedNetwork(Base.Series, Base.Point, settings.Baseline),
            .. _strategies.Points.Select(point => new PlannedNetwork(
                point.Strategy, PointOf(point.Cost), ScalingStrategy.Get(point.Strategy).Coefficients(point.Phi).Apply(settings.Baseline))),
        ];
    }

    public string Title => "Strategies of scaling at equal cost";

    public string Lead =>
        $"The baseline is scaled to {EqualCost.PointOf(_strategies.Factor)} its multiply-adds by each published strategy, and once more to the time " +
        $"that compound scaling's network takes ({_strategies.Latency}).";

    private static string Compound => ScalingStrategy.Compound.Name;

    private IEnumerable<string> Others => _strategies.Points.Select(point => point.Strategy).Where(name => name != Compound).Distinct();

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results) => PlannedNetwork.TrialsOf(_settings, _networks);

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        .. from cost in new[] { SearchCost.Macs, SearchCost.Latency }
           from name in Others
           select Claim.Better(
               $"{name} is better than compound at equal {WordOf(cost)}", (name, PointOf(cost)), (Compound, PointOf(SearchCost.Macs)),
               ScalingStrategy.Get(name).Source),
    ];

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"Costs: baseline {_strategies.BaselineMs:0.00} ms; ") + string.Join("; ", _strategies.Points.Select(
            point => string.Create(
                CultureInfo.InvariantCulture, $"{point.Strategy} {PointOf(point.Cost)} {point.Macs / 1e6:0.0} million multiply-adds, {point.Ms:0.00} ms"))) + ".",
        .. EqualCost.Unequal(
            _networks.Where(network => network.Point == PointOf(SearchCost.Macs)).GroupBy(network => network.Point), _settings.Data.Classes),
    ];

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        new("strategies", "Accuracy over multiply-adds",
        [
            new PlotLine(Compound, [Base, (Compound, PointOf(SearchCost.Macs))]),
            .. Others.Select(name => new PlotLine(name, [(name, PointOf(SearchCost.Macs)), (name, PointOf(SearchCost.Latency))], IsJoined: false)),
        ]),
    ];

    private static string WordOf(SearchCost cost) => cost == SearchCost.Macs ? "multiply-adds" : "time";

    private string PointOf(SearchCost cost) => $"{EqualCost.PointOf(_strategies.Factor)} {WordOf(cost)}";
}
