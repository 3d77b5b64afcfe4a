using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>The paper's Tables 3 and 7: networks of other families scaled along each axis and along all.</summary>
internal sealed class ScaledTables : IStudyPlan
{
    private const string Base = "baseline";

    private readonly StudySettings _settings;
    private readonly double _factor;
    private readonly ImmutableArray<PlannedNetwork> _networks;

    public ScaledTables(StudySettings settings)
    {
        _settings = settings;
        _factor = settings.Factors.IsEmpty ? 4 : settings.Factors.Max();
        int classes = settings.Data.Classes;
        _networks =
        [
            .. from baseline in settings.Baselines
               let macs = (long)(_factor * EqualCost.MacsOf(baseline, classes))
               from network in (PlannedNetwork[])
               [
                   new(FamilyOf(baseline.Name), Base, baseline),
                   .. EqualCost.Rays.Select(ray => new PlannedNetwork(
                       FamilyOf(baseline.Name), ray.Name, EqualCost.At(baseline, ray, macs, classes))),
               ]
               select network,
        ];
        if (_networks.Select(one => one.Series).Distinct().Count() < settings.Baselines.Length)
            throw new InvalidInputException("Two baselines of one family are given; give one of each.");
    }

    /// <summary>The registered networks that the paper scales, in its order.</summary>
    public static ImmutableArray<string> PaperBaselines { get; } =
        [.. PublishedScaling.Table3.Concat(PublishedScaling.Table7).Select(row => row.Baseline).Distinct()];

    public string Title => "Tables 3 and 7: networks scaled by one axis and by all";

    public string Lead =>
        $"Each baseline is scaled by depth, width, resolution and the compound to {EqualCost.PointOf(_factor)} its multiply-adds, " +
        "about what the paper's tables have.";

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results) => PlannedNetwork.TrialsOf(_settings, _networks);

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        .. from family in _networks.Select(one => one.Series).Distinct()
           from ray in EqualCost.Rays.SkipLast(1)
           select Claim.Better(
               $"{family}: compound is better than {ray.Name}", (family, EqualCost.Compound.Name), (family, ray.Name),
               PaperOf(family, EqualCost.Compound) is { } compound && PaperOf(family, ray) is { } single
                   ? $"compound {Percent(compound.Top1)}, {single.Label} {Percent(single.Top1)}" : ""),
    ];

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results) =>
        [.. EqualCost.Unequal(_networks.Where(network => network.Point != Base).GroupBy(network => network.Series), _settings.Data.Classes)];

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        .. from family in _networks.Select(one => one.Series).Distinct().Index()
           select new StudyPlot(
               $"tables-{family.Index + 1}", family.Item,
               [.. EqualCost.Rays.Select(ray => new PlotLine(ray.Name, [(family.Item, Base), (family.Item, ray.Name)]))]),
    ];

    // A shrunk baseline is called after the registered one; the paper's name for that is the family's.
    private static string FamilyOf(string baseline) => Rows.FirstOrDefault(row => IsOf(baseline, row.Baseline))?.Name ?? baseline;

    private static bool IsOf(string network, string registered) =>
        network == registered || network.StartsWith(registered + "_d", StringComparison.Ordinal);

    private static IEnumerable<PublishedScalingRow> Rows => PublishedScaling.Table3.Concat(PublishedScaling.Table7);

    // The paper's row of a family that is scaled along the same axes.
    private static PublishedScalingRow? PaperOf(string family, ScalingRay ray) => Rows.FirstOrDefault(row => row.Name == family
        && (row.Depth > 1) == (ray.Scaling.Alpha > 1) && (row.Width > 1) == (ray.Scaling.Beta > 1)
        && (row.Resolution > 1) == (ray.Scaling.Gamma > 1));

    private static string Percent(double perCent) => perCent.ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
