using System.Diagnostics;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The tool, run once more in a process of its own.</summary>
internal static class ToolProcess
{
    /// <summary>Runs a command; what it says on its standard error is shown as it comes.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidInputException">It refused its input; it has said why.</exception>
    /// <exception cref="OperationCanceledException">It was called off, and is ended.</exception>
    public static string Run(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        // The runtime's host with the tool's assembly, or the tool's own host, which is then the process that runs.
        string tool = typeof(ToolProcess).Assembly.Location;
        string name = Path.GetFileNameWithoutExtension(tool);
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == name ? path : "dotnet";
        var start = new ProcessStartInfo(host, host == "dotnet" ? [tool, .. arguments] : arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{host}' did not start.");
        using var end = cancellationToken.Register(() => process.Kill());
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"A process of the tool ended with code {process.ExitCode}; its own message is above.");
    }
}
