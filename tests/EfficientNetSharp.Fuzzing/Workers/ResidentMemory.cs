using System.Globalization;

namespace EfficientNetSharp.Fuzzing.Workers;

/// <summary>Memory that a process has of the machine, as Linux tells it.</summary>
internal static class ResidentMemory
{
    private const string ClearPeak = "5";

    /// <summary>Bytes now, of a process; 0 where it is gone.</summary>
    public static long Of(int process) => Read($"/proc/{process}/status", "VmRSS:");

    /// <summary>Bytes now, of this process.</summary>
    public static long Now() => Read("/proc/self/status", "VmRSS:");

    /// <summary>The most since <see cref="ResetPeak"/>, of this process.</summary>
    public static long Peak() => Read("/proc/self/status", "VmHWM:");

    /// <summary>Seconds of processor time that a process has used; 0 where it is gone.</summary>
    public static double ProcessorSeconds(int process)
    {
        try
        {
            // Fields 14 and 15 behind the name, in hundredths of a second (proc(5)); the name may hold spaces, its bracket ends it.
            string text = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Starts a new count of the peak (proc(5), clear_refs); where that is not allowed the peak is that of the whole life.
    /// </summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ClearPeak);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static long Read(string path, string field)
    {
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                if (line.StartsWith(field, StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(field.Length).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) << 10;
            }
        }
        catch (IOException)
        {
        }

        return 0;
    }
}
