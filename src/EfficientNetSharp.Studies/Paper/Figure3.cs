using System.Collections.Immutable;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>The paper's Figure 3 and, with the compound beside the single axes, its Figure 8.</summary>
internal sealed class Figure3 : IStudyPlan
{
    private const string Observation1 =
        "Observation 1: any dimension improves accuracy, but the gain diminishes for bigger models",
        Observation2 = "Observation 2: it is critical to balance all dimensions; Figure 8: compound beats each by up to 2.5 points";

    private static readonly (string Series, string Point) Base = ("baseline", EqualCost.PointOf(1));

    private readonly StudySettings _settings;
    private readonly ImmutableArray<double> _factors;
    private readonly ImmutableArray<PlannedNetwork> _networks;

    public Figure3(StudySettings settings)
    {
        _settings = settings;
        _factors = settings.Factors.IsEmpty ? [2, 4] : [.. settings.Factors.Order()];
        long macs = EqualCost.MacsOf(settings.Baseline, settings.Data.Classes);
        _networks =
        [
            new PlannedNetwork(Base.Series, Base.Point, settings.Baseline),
            .. from ray in EqualCost.Rays
               from factor in _factors
               select new PlannedNetwork(
                   ray.Name, EqualCost.PointOf(factor),
                   EqualCost.At(settings.Baseline, ray, (long)(macs * factor), settings.Data.Classes)),
        ];
    }

    public string Title => "Figure 3: one dimension at a time";

    public string Lead =>
        "The baseline is made wider, deeper, larger in its input, or all at once by the paper's α, β and γ, each to the same multiply-adds.";

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results) => PlannedNetwork.TrialsOf(_settings, _networks);

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results)
    {
        var claims = ImmutableArray.CreateBuilder<Claim>();
        string last = EqualCost.PointOf(_factors[^1]);
        foreach (var ray in EqualCost.Rays)
        {
            claims.Add(Claim.Better($"{ray.Name} {last} is better than the baseline", (ray.Name, last), Base, Observation1));
            if (_factors.Length < 2) continue;
            string first = EqualCost.PointOf(_factors[0]);
            claims.Add(new Claim(
                $"{ray.Name} gains more up to {first} than from there to {last}",
                [new(2, ray.Name, first), new(-1, Base.Series, Base.Point), new(-1, ray.Name, last)], Observation1));
        }

        foreach (var ray in EqualCost.Rays.SkipLast(1))
        {
            claims.Add(Claim.Better(
                $"compound {last} is better than {ray.Name} {last}", (EqualCost.Compound.Name, last), (ray.Name, last), Observation2));
        }

        return claims.ToImmutable();
    }

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results) =>
        [.. EqualCost.Unequal(_networks.GroupBy(network => network.Point), _settings.Data.Classes)];

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        new("fig3", "Accuracy over multiply-adds",
        [
            .. EqualCost.Rays.Select(ray => new PlotLine(
                ray.Name, [Base, .. _factors.Select(factor => (ray.Name, EqualCost.PointOf(factor)))])),
        ]),
    ];
}
