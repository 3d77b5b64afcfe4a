
namespace EfficientNetSharp.Cli.Support;

/// <summary>How much memory a piece of work makes the process take beyond what it had; Linux only.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status", ClearReferences = "/proc/self/clear_refs";

    /// <summary>Does the work and says by how much the process's resident memory grew at its peak, in bytes.</summary>
    /// <returns><see langword="null"/> where the system does not tell.</returns>
    public static long? PeakGrowth(Action work)
    {
        GC.Collect();
        long? before = Reset();
        work();
        return before is { } start && Read("VmHWM:") is { } peak ? Math.Max(0, peak - start) : null;
    }

    // Writing 5 sets the peak to what is resident now (proc(5)).
    private static long? Reset()
    {
        try
        {
            if (!File.Exists(ClearReferences)) return null;
            File.WriteAllText(ClearReferences, "5");
            return Read("VmRSS:");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? Read(string field)
    {
        if (!File.Exists(Status)) return null;
        string? line = File.ReadLines(Status).FirstOrDefault(candidate => candidate.StartsWith(field, StringComparison.Ordinal));
        string[] parsed = line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return parsed.Length > 1 && NumberText.TryParseDigits(parsed[1], out long kilobytes) ? kilobytes * 1024 : null;
    }
}
