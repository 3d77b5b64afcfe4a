using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Who trains in a folder, as its lock file tells it.</summary>
/// <param name="Host">The host's name, for people.</param>
/// <param name="Machine">
/// What process numbers hold within: the host's boot and, in containers, the space of processes; the host's name where there is no such.
/// </param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">When it was started, as the system counts it: numbers of processes come again.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Since">When it took the folder.</param>
/// <param name="Token">Tells this taking of the folder from all others.</param>
internal sealed record RunOwner(
    string Host, string Machine, int ProcessId, string ProcessStart, string User, DateTimeOffset Since, string Token)
{
    private const long MaxBytes = 1 << 16;

    /// <summary>This process, from now on.</summary>
    public static RunOwner Current(DateTimeOffset now) => new(
        Environment.MachineName, ThisMachine(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? "", Environment.UserName, now,
        Guid.NewGuid().ToString("N"));

    /// <summary>Whether it is on this machine, so that its process can be looked up.</summary>
    public bool IsHere => Machine == ThisMachine();

    /// <summary>Whether its process, on this machine, is still there.</summary>
    public bool IsAlive => StartOf(ProcessId) == ProcessStart;

    /// <summary>It as a part of a sentence.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"process {ProcessId} of {OneLine.Clean(User)} on {OneLine.Clean(Host)}, since {Since:yyyy-MM-dd HH:mm:ss} UTC");

    /// <summary>Reads a lock file; <see langword="null"/> where there is none, or its writing was cut short.</summary>
    public static RunOwner? Read(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            if (file.Length > MaxBytes) return null;
            var bytes = new byte[file.Length];
            file.ReadExactly(0, bytes);
            return JsonSerializer.Deserialize(bytes, RunJsonContext.Default.RunOwner);
        }
        catch (Exception e) when (e is InvalidInputException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The text of a lock file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunJsonContext.Default.RunOwner);

    // A number of a process means something in one space of processes, from one boot to the next.
    private static string ThisMachine()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }

        return Environment.MachineName;
    }

    // Null where there is no such process, or one that has ended and is not yet collected by the one that started it.
    private static string? StartOf(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // proc(5): the name, between brackets, may hold anything; behind it the state is the first field and the start the 20th.
                string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
                string[] fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : fields[19];
            }

            using var found = Process.GetProcessById(process);
            return found.HasExited ? null : found.StartTime.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
