using System.Diagnostics;
using System.Globalization;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>What only a POSIX shell and the tool as a process of its own can do: pipes with names, signals, full devices.</summary>
internal static class Shell
{
    // A process that hangs is a failure; one that is only slow is not.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The tool beside the tests.</summary>
    public static string Dll => Path.Combine(AppContext.BaseDirectory, "effnet.dll");

    /// <summary>
    /// Skips a test of SIGINT where this process ignores it, as what a script starts in the background does: so do those that it starts.
    /// </summary>
    public static void SkipWhereIgnored(string signal)
    {
        const string Status = "/proc/self/status";
        if (signal != "INT" || !File.Exists(Status)) return;
        string line = File.ReadLines(Status).First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen((ignored & 2) != 0, "SIGINT is ignored here, as in the background of a script.");
    }

    /// <summary>Runs a command of bash to its end.</summary>
    public static (int Code, string Output, string Error) Run(string command)
    {
        using var process = Start("bash", "-c", command);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        return (WaitFor(process), output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts the tool.</summary>
    public static Process Effnet(params string[] words) => Start("dotnet", [Dll, .. words]);

    /// <summary>Starts a program, whose output is to be read.</summary>
    public static Process Start(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string word in words) start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    /// <summary>Waits for a process to end; kills it where it hangs.</summary>
    /// <returns>Its exit code.</returns>
    public static int WaitFor(Process process)
    {
        if (process.WaitForExit(Patience)) return process.ExitCode;
        process.Kill(entireProcessTree: true);
        Assert.Fail("The process hangs.");
        return -1;
    }
}
