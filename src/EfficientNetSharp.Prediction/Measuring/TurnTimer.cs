using System.Collections.Immutable;
using System.Diagnostics;

namespace EfficientNetSharp.Prediction.Measuring;

/// <summary>Times of runs that take turns, so that what else the machine does meets all alike.</summary>
public static class TurnTimer
{
    // The first runs fill caches and memory arenas. Then at least nine, for a median that one disturbance does not move, and more of
    // quick networks, whose single runs vary most.
    private const int WarmUpRuns = 3, MinRuns = 9, MaxRuns = 200;

    private const double MinMilliseconds = 300;

    /// <summary>Runs the actions in turn and times each.</summary>
    /// <param name="actions">What is timed.</param>
    /// <param name="rounds">Rounds, at least 1; <see langword="null"/> for as many as a stable median needs.</param>
    /// <param name="cancellationToken">Looked at between rounds.</param>
    /// <returns>The times of each action, in the actions' order.</returns>
    public static ImmutableArray<RunTimes> Time(IReadOnlyList<Action> actions, int? rounds = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(actions);
        if (rounds is { } least) ArgumentOutOfRangeException.ThrowIfLessThan(least, 1, nameof(rounds));
        var times = actions.Select(_ => new List<double>()).ToArray();
        for (int i = 0; i < WarmUpRuns; i++)
        {
            foreach (var action in actions) action();
        }

        double total = 0;
        int done = 0;
        for (; rounds is { } wanted ? done < wanted : done < MinRuns || (total < MinMilliseconds * actions.Count && done < MaxRuns); done++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < actions.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                total += times[i][^1];
            }
        }

        return [.. times.Select(list => new RunTimes([.. list.Order()]))];
    }
}

/// <summary>Times of one thing that was run several times.</summary>
/// <param name="SortedMs">The times in milliseconds, from the shortest; at least one.</param>
public sealed record RunTimes(ImmutableArray<double> SortedMs)
{
    /// <summary>The middle one, in milliseconds.</summary>
    public double MedianMs => SortedMs[SortedMs.Length / 2];

    /// <summary>The shortest, in milliseconds.</summary>
    public double MinMs => SortedMs[0];
}
