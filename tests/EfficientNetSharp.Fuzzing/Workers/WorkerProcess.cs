using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EfficientNetSharp.Fuzzing.Formats;

namespace EfficientNetSharp.Fuzzing.Workers;

/// <summary>What came of a worker.</summary>
/// <param name="Next">The number of the first input that was not read.</param>
/// <param name="Accepted">Inputs that were read rather than refused.</param>
/// <param name="Findings">What went wrong.</param>
/// <param name="Errors">What it said on its error output.</param>
internal sealed record WorkerOutcome(long Next, long Accepted, IReadOnlyList<Finding> Findings, string Errors);

/// <summary>Runs a worker in a process of its own and watches it: one that crashes, hangs or grows is ended, and names its input.</summary>
internal static class WorkerProcess
{
    /// <summary>Whatever a format's limits are, a worker that has grown to this is ended before the machine suffers.</summary>
    private const long MaxResident = 3L << 30;

    /// <summary>A reader that waits, for a pipe for example, uses no processor time.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads inputs from a number on.</summary>
    /// <param name="format">The format.</param>
    /// <param name="seed">The campaign's seed.</param>
    /// <param name="first">The first number; -1 for the corpus, as it is.</param>
    /// <param name="count">How many.</param>
    /// <param name="time">For how long.</param>
    public static WorkerOutcome Run(FuzzFormat format, ulong seed, long first, long count, TimeSpan time)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Scratch, $"effnet-fuzz-{Guid.NewGuid():N}")).FullName;
        try
        {
            using var progress = new Progress(Path.Combine(folder, "progress")) { Number = first };
            return Run(format, seed, first, count, time, folder, progress);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Memory rather than a disk, where there is such a folder.
    private static string Scratch => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private static WorkerOutcome Run(FuzzFormat format, ulong seed, long first, long count, TimeSpan time, string folder, Progress progress)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EfficientNetSharp.Fuzzing.dll")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (string word in (ReadOnlySpan<string>)["worker", format.Name, Text(seed), Text(first), Text(count),
            Text((long)time.TotalSeconds), folder])
            start.ArgumentList.Add(word);
        // Young objects in little memory, so that growth is what readers hold; no dump of a crash that is meant to be seen.
        start.Environment["DOTNET_GCgen0size"] = "1000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var findings = new ConcurrentQueue<Finding>();
        var errors = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => { if (line.Data is { Length: > 0 } text) findings.Enqueue(Finding.Parse(text)); };
        process.ErrorDataReceived += (_, line) => { if (line.Data is { Length: > 0 } text) errors.Enqueue(text); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        string? verdict = Watch(process, format.Limits, progress);
        process.WaitForExit();
        string said = string.Join('\n', errors);
        long last = progress.Number;
        if (verdict is null && process.ExitCode != 0) verdict = "crash";
        if (verdict is not null)
        {
            string detail = verdict == "crash" ? $"exit code {process.ExitCode}: {said}" : $"the worker was ended: {verdict}";
            findings.Enqueue(new Finding(format.Name, seed, last, verdict, verdict == "crash" ? FirstFrame(said) : "", detail));
        }

        // A worker that ends by itself has read the last one too.
        return new WorkerOutcome(last + 1, progress.Accepted, [.. findings], said);
    }

    // What to end a worker for; null where it ended by itself.
    private static string? Watch(Process process, Limits limits, Progress progress)
    {
        long number = long.MinValue;
        double processor = 0;
        var waiting = Stopwatch.StartNew();
        while (!process.WaitForExit(Interval))
        {
            if (progress.Number != number)
            {
                (number, processor) = (progress.Number, ResidentMemory.ProcessorSeconds(process.Id));
                waiting.Restart();
            }

            string? verdict = ResidentMemory.Of(process.Id) > MaxResident ? "resident"
                : ResidentMemory.ProcessorSeconds(process.Id) - processor > 3 * limits.Seconds || waiting.Elapsed > MaxWait ? "hang" : null;
            if (verdict is null) continue;
            process.Kill(entireProcessTree: true);
            return verdict;
        }

        return null;
    }

    private static string FirstFrame(string errors) =>
        errors.Split('\n').FirstOrDefault(line => line.TrimStart().StartsWith("at EfficientNetSharp", StringComparison.Ordinal))?.Trim()
        ?? errors.Split('\n')[0];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
