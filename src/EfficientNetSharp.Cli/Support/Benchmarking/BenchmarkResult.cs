using System.Collections.Immutable;
using System.Text.Json.Nodes;
using EfficientNetSharp.Prediction.Measuring;

namespace EfficientNetSharp.Cli.Support.Benchmarking;

/// <summary>What one backend was measured to do, in one process or in several.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="FirstMs">The first call, in milliseconds; the shortest of several processes'.</param>
/// <param name="Times">The times, those of several processes one behind the other.</param>
/// <param name="ProcessMediansMs">The median of each process.</param>
/// <param name="PeakMemoryBytes">Memory that it takes; <see langword="null"/> where the system does not tell.</param>
internal sealed record BenchmarkResult(
    string Backend, double FirstMs, RunTimes Times, ImmutableArray<double> ProcessMediansMs, long? PeakMemoryBytes)
{
    /// <summary>The result of one process.</summary>
    public static BenchmarkResult Of(string backend, double firstMs, RunTimes times, long? memory) =>
        new(backend, firstMs, times, [times.MedianMs], memory);

    /// <summary>The results of several processes for one backend, as one.</summary>
    public static BenchmarkResult Together(IReadOnlyList<BenchmarkResult> processes) => new(
        processes[0].Backend,
        processes.Min(process => process.FirstMs),
        new RunTimes([.. processes.SelectMany(process => process.Times.TimesMs)]) { WarmUpMs = processes[0].Times.WarmUpMs },
        [.. processes.SelectMany(process => process.ProcessMediansMs)],
        processes.Max(process => process.PeakMemoryBytes));

    /// <summary>Reads back what <see cref="ToJson"/> wrote.</summary>
    public static BenchmarkResult Read(JsonNode json)
    {
        return Of(
            json["backend"]!.GetValue<string>(),
            json["firstMs"]!.GetValue<double>(),
            new RunTimes(Numbers("timesMs")) { WarmUpMs = Numbers("warmUpMs") },
            json["peakMemoryMiB"]?.GetValue<double>() is { } memory ? (long)(memory * BytesPerMiB) : null);

        ImmutableArray<double> Numbers(string name) => [.. json[name]!.AsArray().Select(number => number!.GetValue<double>())];
    }

    private const double BytesPerMiB = 1 << 20;

    public double? PeakMemoryMiB => PeakMemoryBytes / BytesPerMiB;

    /// <summary>Billions of operations per second at the median, a multiply-add counted as two.</summary>
    public double Gigaflops(BenchmarkSubject subject) => 2e-6 * subject.Macs * subject.Batch / Times.MedianMs;

    /// <summary>The same as a share of what the cores could do.</summary>
    public double ShareOfPeak(BenchmarkSubject subject) => Gigaflops(subject) / subject.PeakGigaflops;

    /// <summary>All that was found.</summary>
    public JsonObject ToJson(BenchmarkSubject subject) => new()
    {
        ["backend"] = Backend,
        ["network"] = subject.Name,
        ["input"] = new JsonArray([subject.Input.Channels, subject.Input.Height, subject.Input.Width]),
        ["threads"] = subject.Threads,
        ["batch"] = subject.Batch,
        ["simdBits"] = Backend == Host.Engine.Name ? (int)subject.Level : null,
        ["medianMs"] = Times.MedianMs,
        ["minMs"] = Times.MinMs,
        ["lowerQuartileMs"] = Times.LowerQuartileMs,
        ["upperQuartileMs"] = Times.UpperQuartileMs,
        ["spread"] = Times.Spread,
        ["drift"] = Times.Drift,
        ["noisy"] = Times.IsNoisy,
        ["imagesPerSecond"] = 1000 * subject.Batch / Times.MedianMs,
        ["gflops"] = Gigaflops(subject),
        ["peakGflops"] = subject.PeakGigaflops,
        ["percentOfPeak"] = 100 * ShareOfPeak(subject),
        ["peakMemoryMiB"] = PeakMemoryMiB,
        ["firstMs"] = FirstMs,
        ["processMediansMs"] = Numbers(ProcessMediansMs),
        ["warmUpMs"] = Numbers(Times.WarmUpMs),
        ["timesMs"] = Numbers(Times.TimesMs),
    };

    private static JsonArray Numbers(ImmutableArray<double> values) => new([.. values.Select(value => (JsonNode)value)]);
}
