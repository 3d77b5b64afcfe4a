using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Fuzzing.Formats;
using EfficientNetSharp.Fuzzing.Workers;

namespace EfficientNetSharp.Fuzzing;

/// <summary>What came of a format.</summary>
/// <param name="Format">Its name.</param>
/// <param name="Inputs">Inputs that were read.</param>
/// <param name="Accepted">Those that were not refused.</param>
/// <param name="Findings">What went wrong.</param>
public sealed record CampaignResult(string Format, long Inputs, long Accepted, IReadOnlyList<Finding> Findings);

/// <summary>Reads mutants of formats for so long or so many. A campaign is its seed: the same inputs come again.</summary>
public static class Campaign
{
    /// <summary>Reads a number of mutants of a format, and goes on behind those that end a worker.</summary>
    /// <param name="format">The format.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="first">The number of the first mutant.</param>
    /// <param name="count">How many.</param>
    /// <param name="time">For how long at most.</param>
    public static CampaignResult Run(FuzzFormat format, ulong seed, long first, long count, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(format);
        var findings = new List<Finding>();
        long next = first, accepted = 0;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (next < first + count && clock.Elapsed < time)
        {
            var outcome = WorkerProcess.Run(format, seed, next, first + count - next, time - clock.Elapsed);
            findings.AddRange(outcome.Findings);
            accepted += outcome.Accepted;
            if (outcome.Findings.Any(finding => finding.Kind == "crash" && finding.Number < first))
                throw new InvalidOperationException($"The worker of {format.Name} does not start: {outcome.Errors}");
            next = Math.Max(outcome.Next, next + 1);
        }

        return new(format.Name, next - first, accepted, findings);
    }

    /// <summary>Reads a format's corpus as it is.</summary>
    public static IReadOnlyList<Finding> RunCorpus(FuzzFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return WorkerProcess.Run(format, 0, -1, 0, TimeSpan.FromMinutes(10)).Findings;
    }

    /// <summary>The input of a finding, as the reader was given it.</summary>
    public static Specimen InputOf(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var (specimen, changed) = new InputSource(FuzzFormats.Get(finding.Format), finding.Seed).Make(finding.Number);
        return specimen with { Files = [.. specimen.Files.Select(file => file.Path == changed.Path ? changed : file)] };
    }

    /// <summary>
    /// Writes the input of a finding, to be looked into and to go into the corpus: a file, or a folder of its files, whose name ends in
    /// <c>@</c> and the file that the reader is given, where it is given one.
    /// </summary>
    /// <returns>Where it is.</returns>
    public static string Save(Finding finding, string folder)
    {
        var specimen = InputOf(finding);
        string name = string.Create(CultureInfo.InvariantCulture, $"{finding.Kind}-{finding.Seed}-{finding.Number}");
        bool isFile = specimen.Entry.Length > 0 && specimen.Files.Length == 1;
        string target = Path.Combine(
            folder, finding.Format, isFile ? $"{name}-{specimen.Entry}" : specimen.Entry.Length > 0 ? $"{name}{Specimen.EntryMark}{specimen.Entry}" : name);
        foreach (var file in specimen.Files)
        {
            string path = isFile ? target : Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Bytes);
        }

        File.WriteAllText($"{target}.finding.json", JsonSerializer.Serialize(finding, Indented));
        return target;
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
