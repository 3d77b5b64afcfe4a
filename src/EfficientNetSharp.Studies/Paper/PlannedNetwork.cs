using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Paper;

/// <summary>A network of a study that is trained with every seed at every budget.</summary>
/// <param name="Series">Its line.</param>
/// <param name="Point">Its point.</param>
/// <param name="Architecture">The network.</param>
internal sealed record PlannedNetwork(string Series, string Point, Architecture Architecture)
{
    /// <summary>
    /// All networks with the first seed at the largest budget, then with the next; so that a study that is stopped has whole rows of the
    /// table that matters most.
    /// </summary>
    public static ImmutableArray<Trial?> TrialsOf(StudySettings settings, ImmutableArray<PlannedNetwork> networks) =>
    [
        .. from epochs in settings.EpochsOfBudgets
           from seed in Enumerable.Range(0, settings.Seeds)
           from network in networks
           select network.TrialOf(settings, epochs, settings.Recipe.Seed + (ulong)seed),
    ];

    /// <summary>It trained for some epochs with a seed.</summary>
    public Trial TrialOf(StudySettings settings, int epochs, ulong seed) => new()
    {
        Series = Series,
        Point = Point,
        Budget = StudySettings.BudgetName(epochs),
        Architecture = Architecture,
        Recipe = settings.Recipe with { Epochs = epochs, Seed = seed },
        Preprocessing = settings.Preprocessing.At(Architecture.Resolution),
        Data = settings.Data.Fingerprint,
        Threads = settings.Threads,
        Device = settings.Device,
    };
}
