using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Studies.Claims;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>The paper's Figure 4: networks of other depth and resolution made wider, to the same multiply-adds.</summary>
internal sealed class Figure4 : IStudyPlan
{
    private const string Published =
        "section 3.2: on a deeper network with a larger input, width scaling achieves much better accuracy under the same FLOPS cost";

    private const string Unwidened = "w = 1";

    // The figure's four, from the one that it takes for the baseline to the deepest with the largest input.
    private static readonly (double Depth, double Resolution)[] Bases = [(1, 1), (1, 1.3), (2, 1), (2, 1.3)];

    private readonly StudySettings _settings;
    private readonly ImmutableArray<double> _factors;
    private readonly ImmutableArray<PlannedNetwork> _networks;

    public Figure4(StudySettings settings)
    {
        _settings = settings;
        int classes = settings.Data.Classes;
        var bases = Bases.Select(at => (Name: NameOf(at), Network: NetworkOf(settings.Baseline, at))).ToList();
        // All lines meet at equal multiply-adds, which the most expensive base must have room for.
        long most = bases.Max(one => EqualCost.MacsOf(one.Network, classes));
        _factors = settings.Factors.IsEmpty ? [1.5, 3] : [.. settings.Factors.Order()];
        _networks =
        [
            .. from one in bases
               from network in (PlannedNetwork[])
               [
                   new(one.Name, Unwidened, one.Network),
                   .. _factors.Select(factor => new PlannedNetwork(
                       one.Name, PointOf(factor), EqualCost.At(one.Network, EqualCost.Width, (long)(most * factor), classes))),
               ]
               select network,
        ];
    }

    public string Title => "Figure 4: width at four depths and resolutions";

    public string Lead =>
        "Four networks of depth 1 or 2 and resolution 1 or 1.3 are made wider until they have the same multiply-adds, which are multiples of the "
        + "deepest and largest one's own.";

    public ImmutableArray<Trial?> Trials(IReadOnlyDictionary<string, TrialResult> results) => PlannedNetwork.TrialsOf(_settings, _networks);

    public ImmutableArray<Claim> Claims(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        .. from factor in _factors
           from other in Bases.Skip(1).Reverse()
           select Claim.Better(
               $"at {PointOf(factor)} multiply-adds width is better spent on {NameOf(other)} than on {NameOf(Bases[0])}",
               (NameOf(other), PointOf(factor)), (NameOf(Bases[0]), PointOf(factor)), other == Bases[^1] ? Published : ""),
    ];

    public ImmutableArray<string> Remarks(IReadOnlyDictionary<string, TrialResult> results) =>
        [.. EqualCost.Unequal(_networks.Where(network => network.Point != Unwidened).GroupBy(network => network.Point), _settings.Data.Classes)];

    public ImmutableArray<StudyPlot> Plots(IReadOnlyDictionary<string, TrialResult> results) =>
    [
        new("fig4", "Width under four bases",
        [
            .. Bases.Select(at => new PlotLine(NameOf(at), [.. _networks.Where(one => one.Series == NameOf(at)).Select(one => (one.Series, one.Point))])),
        ]),
    ];

    private static string PointOf(double factor) => EqualCost.PointOf(factor);

    private static string NameOf((double Depth, double Resolution) at) =>
        string.Create(CultureInfo.InvariantCulture, $"d = {at.Depth:0.0}, r = {at.Resolution:0.0}");

    private static Architecture NetworkOf(Architecture baseline, (double Depth, double Resolution) at) =>
        at == (1, 1) ? baseline : new ScalingCoefficients(at.Depth, 1, at.Resolution).Apply(baseline);
}
