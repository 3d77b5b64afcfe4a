using System.Diagnostics;
using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Benchmarks;

/// <summary>
/// How long sums over processes take, against the floor: one copy of as many values in memory, which each process must at least do to
/// hear of the others' values.
/// </summary>
internal static class AllReduceBenchmark
{
    // EfficientNet-B0's trained values.
    private const int B0 = 5_288_548;

    public static void Run()
    {
        using var group = ProcessGroups.Join(Environment.GetEnvironmentVariable);
        if (group.Rank == 0)
        {
            Console.WriteLine($"sums over {group.Size} processes, medians");
            Console.WriteLine("      bytes        sum µs    GB/s      copy µs    GB/s   sum/copy");
        }

        foreach (int bytes in new[] { 1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 22, 1 << 24, sizeof(float) * B0, 1 << 26 }) Measure(group,
            bytes);
    }

    private static void Measure(IProcessGroup group, int bytes)
    {
        var values = new float[bytes / sizeof(float)];
        var copy = new float[values.Length];
        int rounds = Math.Clamp((1 << 26) / bytes, 15, 500);
        double sum = Median(rounds, group, () => group.AllReduceSum(values.AsSpan()));
        double copied = Median(rounds, group, () => values.CopyTo(copy, 0));
        if (group.Rank > 0) return;
        Console.WriteLine(FormattableString.Invariant(
            $"{bytes,11:N0} {1e6 * sum,13:F1} {bytes / sum / 1e9,7:F2} {1e6 * copied,12:F1} {bytes / copied / 1e9,7:F2} {sum / copied,9:F1}"));
    }

    private static double Median(int rounds, IProcessGroup group, Action work)
    {
        var times = new List<double>();
        for (int round = -2; round < rounds; round++)
        {
            group.Barrier();
            var watch = Stopwatch.StartNew();
            work();
            // The first rounds warm up.
            if (round >= 0) times.Add(watch.Elapsed.TotalSeconds);
        }

        return times.Order().ElementAt(times.Count / 2);
    }
}
