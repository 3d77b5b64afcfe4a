using System.Diagnostics;
using System.Text.Json;
using EfficientNetSharp.Fuzzing.Formats;

namespace EfficientNetSharp.Fuzzing;

/// <summary>
/// A campaign for minutes or nights, on one processor: formats take turns, what was done is counted in <c>artifacts/fuzz/counts.json</c>,
/// and the next run goes on where this one ended.
/// </summary>
internal static class LongRun
{
    private const ulong Seed = 1;

    // A turn is long beside the start of a process, short beside a night.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    // Inputs of a cause that are kept.
    private const int KeptPerCause = 3;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private sealed record Count(long Inputs, long Accepted, SortedDictionary<string, long> Findings);

    private static string Folder => Path.Combine(Repository.Root, "artifacts", "fuzz");

    /// <summary>Reads mutants.</summary>
    /// <returns>The exit code: 1 where something was found.</returns>
    public static int Run(double minutes, string[] names)
    {
        var formats = Named(names);
        var counts = ReadCounts();
        bool found = false;
        var clock = Stopwatch.StartNew();
        for (int turn = 0; clock.Elapsed.TotalMinutes < minutes; turn++)
        {
            var format = formats[turn % formats.Count];
            var count = counts.TryGetValue(format.Name, out var before) ? before : new Count(0, 0, new(StringComparer.Ordinal));
            var result = Campaign.Run(format, Seed, count.Inputs, 1_000_000, Turn);
            foreach (var finding in result.Findings)
            {
                found = true;
                long times = count.Findings[finding.Key] = count.Findings.GetValueOrDefault(finding.Key) + 1;
                if (times <= KeptPerCause) Console.WriteLine($"{format.Name}: {finding.Key}: {Campaign.Save(finding, Folder)}");
            }

            counts[format.Name] = count with { Inputs = count.Inputs + result.Inputs, Accepted = count.Accepted + result.Accepted };
            Directory.CreateDirectory(Folder);
            File.WriteAllText(Path.Combine(Folder, "counts.json"), JsonSerializer.Serialize(counts, Indented));
        }

        foreach (var (name, count) in counts)
            Console.WriteLine(
                $"{name,-12} {count.Inputs,10} inputs, {count.Accepted,9} read, " +
                $"{count.Findings.Values.Sum(),5} findings of {count.Findings.Count} causes");
        Console.WriteLine($"{counts.Values.Sum(count => count.Inputs)} inputs with seed {Seed}");
        return found ? 1 : 0;
    }

    /// <summary>Reads what once failed.</summary>
    public static int Corpus(string[] names)
    {
        var findings = Named(names).SelectMany(Campaign.RunCorpus).ToList();
        foreach (var finding in findings) Console.WriteLine($"{finding.Format} {finding.Number}: {finding.Key} {finding.Detail}");
        return findings.Count > 0 ? 1 : 0;
    }

    private static List<FuzzFormat> Named(string[] names) => names.Length == 0 ? [.. FuzzFormats.All] : [.. names.Select(FuzzFormats.Get)];

    private static SortedDictionary<string, Count> ReadCounts()
    {
        string path = Path.Combine(Folder, "counts.json");
        return File.Exists(path)
            ? JsonSerializer.Deserialize<SortedDictionary<string, Count>>(File.ReadAllText(path))!
            : new SortedDictionary<string, Count>(StringComparer.Ordinal);
    }
}
