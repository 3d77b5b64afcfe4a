using System.Diagnostics;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Times of runs that take turns, so that what else the machine does meets all alike.</summary>
internal static class Stopwatches
{
    // The first runs fill caches and memory arenas. Then at least nine, for a median that one disturbance does not move, and more of
    // quick networks, whose single runs vary most.
    private const int WarmUpRuns = 3, MinRuns = 9, MaxRuns = 200;

    private const double MinMilliseconds = 300;

    /// <summary>Runs the actions in turn and times each.</summary>
    /// <param name="actions">What is timed.</param>
    /// <param name="rounds">Rounds; <see langword="null"/> for as many as a stable median needs.</param>
    /// <param name="cancellation">Looked at between rounds.</param>
    /// <returns>For each action its times in milliseconds, sorted.</returns>
    public static double[][] Time(IReadOnlyList<Action> actions, int? rounds, CancellationToken cancellation)
    {
        var times = actions.Select(_ => new List<double>()).ToArray();
        for (int i = 0; i < WarmUpRuns; i++)
        {
            foreach (var action in actions) action();
        }

        double total = 0;
        int done = 0;
        for (; rounds is { } wanted ? done < wanted : done < MinRuns || (total < MinMilliseconds * actions.Count && done < MaxRuns); done++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < actions.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                total += times[i][^1];
            }
        }

        return [.. times.Select(list => list.Order().ToArray())];
    }

    /// <summary>The middle of sorted times.</summary>
    public static double Median(double[] sorted) => sorted[sorted.Length / 2];
}
