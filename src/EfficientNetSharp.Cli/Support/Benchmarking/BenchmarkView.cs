using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support.Benchmarking;

/// <summary>A benchmark's results for people.</summary>
internal static class BenchmarkView
{
    public static void Write(Terminal terminal, BenchmarkSubject subject, IReadOnlyList<BenchmarkResult> results)
    {
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{subject.Name} at {subject.Input}, batch {subject.Batch}, {subject.Threads} of {Environment.ProcessorCount} cores, "
            + $"{subject.Level}, .NET {Environment.Version}; {subject.CoreGigaflops:F0} GFLOP/s a core measured"));
        int processes = results[0].ProcessMediansMs.Length;
        var table = new TextTable().Left("backend").Right("min ms").Right("quartiles ms").Right("median ms").Right("spread");
        if (processes > 1) table.Right("medians of processes");
        table.Right("first ms").Right("images/s").Right("GFLOP/s").Right("of the peak").Right("memory MiB")
            .Right("against the engine: min, median");
        var engine = results.FirstOrDefault(result => result.Backend == Host.Engine.Name)?.Times;
        foreach (var result in results)
        {
            var times = result.Times;
            List<string> cells =
            [
                result.Backend, $"{times.MinMs:F2}", $"{times.LowerQuartileMs:F2}–{times.UpperQuartileMs:F2}", $"{times.MedianMs:F2}",
                Percent(times.Spread),
            ];
            if (processes > 1) cells.Add($"{result.ProcessMediansMs.Min():F2}–{result.ProcessMediansMs.Max():F2}");
            table.Add(
            [
                .. cells, $"{result.FirstMs:F0}", $"{1000 * subject.Batch / times.MedianMs:F1}", $"{result.Gigaflops(subject):F1}",
                Percent(result.ShareOfPeak(subject)), result.PeakMemoryMiB is { } memory ? $"{memory:F1}" : "–",
                engine is null ? "–" : $"{times.MinMs / engine.MinMs:F2}× {times.MedianMs / engine.MedianMs:F2}×",
            ]);
        }

        terminal.Write(table);
        terminal.Output.WriteLine(
            "spread: from quartile to quartile, over the median; first: the first call, with what is compiled for it");
        terminal.Output.WriteLine(
            "memory: what the process grew by at its peak while the backend was made and ran first, weights included");
        var noisy = results.Where(result => result.Times.IsNoisy).ToList();
        if (noisy.Count > 0) terminal.Note(Warning(noisy));
    }

    /// <summary>Where the engine's time goes.</summary>
    public static void WriteProfile(Terminal terminal, BenchmarkSubject subject, EngineRunner engine)
    {
        const int runs = 20;
        var steps = engine.Plan.Profile;
        var ticks = new long[steps.Length];
        float[] input = RunnerComparison.Noise(engine.InputShape, subject.Batch);
        var output = new float[subject.Batch * engine.OutputShape.Count];
        for (int i = 0; i < runs; i++) engine.RunProfiled(input, subject.Batch, output, ticks);
        double total = ticks.Sum();
        var table = new TextTable().Left("the engine's steps");
        foreach (string column in new[] { "count", "ms", "of the time", "GFLOP/s", "of the peak" }) table.Right(column);
        var kinds = Enumerable.Range(0, steps.Length).GroupBy(i => steps[i].Kind);
        foreach (var kind in kinds.OrderByDescending(kind => kind.Sum(i => ticks[i])))
        {
            double ms = kind.Sum(i => ticks[i]) * 1000.0 / Stopwatch.Frequency / runs;
            double gigaflops = 2e-6 * subject.Batch * kind.Sum(i => steps[i].Macs) / ms;
            table.Add(CodeWords.Heading(kind.Key), $"{kind.Count()}", $"{ms:F2}", Percent(kind.Sum(i => ticks[i]) / total),
                $"{gigaflops:F1}", Percent(gigaflops / subject.PeakGigaflops));
        }

        terminal.Write(table);
    }

    private static string Warning(IEnumerable<BenchmarkResult> noisy)
    {
        var each = noisy.Select(result => $"{result.Backend} (spread {Percent(result.Times.Spread)}, drift {Percent(result.Times.Drift)})");
        return $"this machine is too noisy to judge by medians: expected a spread of at most {Percent(RunTimes.MaxSpread)} and a drift "
            + $"of at most {Percent(RunTimes.MaxDrift)} from the first to the second half of the runs, found {string.Join(", ", each)}; compare "
            + "minima, or measure again with less running beside it, or in several --processes";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");
}
