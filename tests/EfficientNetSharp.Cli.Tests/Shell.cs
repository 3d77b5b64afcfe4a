using System.Diagnostics;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>What only a POSIX shell and the tool as a process of its own can do: pipes with names, signals, full devices.</summary>
internal static class Shell
{
    // A process that hangs is a failure; one that is only slow is not.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The tool beside the tests.</summary>
    public static string Dll => Path.Combine(AppContext.BaseDirectory, "effnet.dll");

    /// <summary>Runs a command of bash to its end.</summary>
    public static (int Code, string Output, string Error) Run(string command)
    {
        using var process = Start("bash", "-c", command);
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        return (WaitFor(process), output, error.GetAwaiter().GetResult());
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
