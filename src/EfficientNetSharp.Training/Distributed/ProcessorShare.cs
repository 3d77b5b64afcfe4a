namespace EfficientNetSharp.Training.Distributed;

/// <summary>How many of a machine's processors a process may use beside the others of its group.</summary>
public static class ProcessorShare
{
    /// <summary>The processors for this process's threads, at least 1.</summary>
    /// <param name="group">The group.</param>
    public static int Of(IProcessGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return Of(group.LocalSize, Environment.ProcessorCount, OnMachine());
    }

    /// <summary>
    /// Those that the process may run on, divided among the processes; but all of them where <c>mpiexec -bind-to</c> has divided them
    /// already, which shows in that they suffice for all processes.
    /// </summary>
    /// <param name="processes">Processes on the machine.</param>
    /// <param name="allowed">Processors that this process may run on.</param>
    /// <param name="onMachine">Processors of the machine.</param>
    internal static int Of(int processes, int allowed, int onMachine) =>
        processes == 1 || (allowed < onMachine && allowed * processes <= onMachine) ? allowed : Math.Max(1, allowed / processes);

    // proc(5): /proc/stat has a line "cpuN" for each processor.
    private static int OnMachine()
    {
        if (!OperatingSystem.IsLinux()) return Environment.ProcessorCount;
        return File.ReadLines("/proc/stat")
            .Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3]));
    }
}
