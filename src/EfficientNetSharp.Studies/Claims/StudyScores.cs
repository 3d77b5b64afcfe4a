using System.Collections.Immutable;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Claims;

/// <summary>The results of a study by budget, point and seed.</summary>
internal sealed class StudyScores
{
    private readonly Dictionary<(string Budget, string Series, string Point, ulong Seed), TrialResult> _results = [];
    private readonly Dictionary<string, SortedSet<ulong>> _seeds = new(StringComparer.Ordinal);
    private readonly HashSet<(string Budget, string Series, string Point)> _planned = [];

    public StudyScores(IEnumerable<Trial> trials, IReadOnlyDictionary<string, TrialResult> results)
    {
        var budgets = new List<string>();
        var points = new List<(string Series, string Point)>();
        foreach (var trial in trials)
        {
            if (!budgets.Contains(trial.Budget)) budgets.Add(trial.Budget);
            if (!points.Contains((trial.Series, trial.Point))) points.Add((trial.Series, trial.Point));
            _planned.Add((trial.Budget, trial.Series, trial.Point));
            if (!results.TryGetValue(trial.Key, out var result)) continue;
            _results[(trial.Budget, trial.Series, trial.Point, trial.Recipe.Seed)] = result;
            if (!_seeds.TryGetValue(trial.Budget, out var seeds)) _seeds.Add(trial.Budget, seeds = []);
            seeds.Add(trial.Recipe.Seed);
        }

        (Budgets, Points) = ([.. budgets], [.. points]);
    }

    /// <summary>The budgets, in the study's order.</summary>
    public ImmutableArray<string> Budgets { get; }

    /// <summary>The points, in the study's order.</summary>
    public ImmutableArray<(string Series, string Point)> Points { get; }

    /// <summary>The budgets at which all of some points are to be trained.</summary>
    public IEnumerable<string> BudgetsOf(IEnumerable<(string Series, string Point)> points) =>
        Budgets.Where(budget => points.All(point => _planned.Contains((budget, point.Series, point.Point))));

    public IEnumerable<ulong> SeedsOf(string budget) => _seeds.TryGetValue(budget, out var seeds) ? seeds : [];

    public TrialResult? Find(string budget, string series, string point, ulong seed) => _results.GetValueOrDefault((budget, series, point, seed));

    /// <summary>A point's results over seeds.</summary>
    public ImmutableArray<TrialResult> Of(string budget, string series, string point) =>
        [.. SeedsOf(budget).Select(seed => Find(budget, series, point, seed)).OfType<TrialResult>()];
}
