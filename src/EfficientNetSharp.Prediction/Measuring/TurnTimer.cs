using System.Collections.Immutable;

namespace EfficientNetSharp.Prediction.Measuring;

/// <summary>How runs take turns.</summary>
public sealed record TurnOptions
{
    /// <summary>Rounds that are timed, at least 1; <see langword="null"/>, the default, for as many as a stable median needs.</summary>
    public int? Rounds { get; init; }

    /// <summary>
    /// Whether those who take turns keep threads of their own awake after a run, which would take the next one's cores: then there is a
    /// pause before each turn, and the run that wakes its own threads is not timed.
    /// </summary>
    public bool HaveThreads { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>Times of runs that take turns, so that what else the machine does meets all alike.</summary>
public static class TurnTimer
{
    // Of what is quick, at least nine runs, for a median that one disturbance does not move, and more, as single runs vary most.
    private const int MinRuns = RunTimes.MinToJudge, MaxRuns = 200;

    private const double MinMilliseconds = 300;

    // The first runs fill caches and memory, let the processor change its clock, and are compiled anew while they run: that takes time, not
    // a number of runs. What the runtime finds to be hot it compiles twice, a tenth of a second after it has found it.
    private const int MinWarmUpRuns = 3, MaxWarmUpRuns = 1000;

    private const double WarmUpMilliseconds = 500;

    // Polling threads of the libraries at hand go to sleep within this time.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs the actions in turn and times each; before that, each runs for half a second at least.</summary>
    /// <param name="actions">What is timed.</param>
    /// <param name="options">How; <see langword="null"/> for the usual.</param>
    /// <param name="cancellationToken">Looked at between rounds.</param>
    /// <returns>The times of each action, in the actions' order.</returns>
    public static ImmutableArray<RunTimes> Time(
        IReadOnlyList<Action> actions, TurnOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(actions);
        options ??= new TurnOptions();
        if (options.Rounds is { } given) ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(options));
        var warmUp = actions.Select(_ => new List<double>()).ToArray();
        var times = actions.Select(_ => new List<double>()).ToArray();
        while (IsShort(warmUp, MinWarmUpRuns, MaxWarmUpRuns, WarmUpMilliseconds)) Round(warmUp, pauses: false);
        while (options.Rounds is { } wanted ? times.Any(list => list.Count < wanted) : IsShort(times, MinRuns, MaxRuns, MinMilliseconds))
            Round(times, options.HaveThreads && actions.Count > 1);
        return [.. times.Zip(warmUp, (runs, first) => new RunTimes([.. runs]) { WarmUpMs = [.. first] })];

        void Round(List<double>[] into, bool pauses)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < actions.Count; i++)
            {
                if (pauses)
                {
                    Thread.Sleep(Pause);
                    actions[i]();
                }

                long start = options.Clock.GetTimestamp();
                actions[i]();
                into[i].Add(options.Clock.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    // Whether one of them needs another round. All have as many, so that they take turns to the end.
    private static bool IsShort(List<double>[] times, int min, int max, double milliseconds) =>
        times.Any(list => list.Count < min || (list.Count < max && list.Sum() < milliseconds));
}
