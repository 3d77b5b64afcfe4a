using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace EfficientNetSharp.Cli;

/// <summary>
/// Where a command speaks: results to standard output, progress and notes to standard error, and the signal by which it is
/// interrupted.
/// </summary>
internal sealed class Terminal
{
    private const int PlainWidth = 160;
    private readonly bool _live;
    private int _progressLength;

    public Terminal(TextWriter output, TextWriter error, bool live, CancellationToken interrupted)
    {
        (Output, Error, _live, Interrupted) = (output, error, live, interrupted);
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>Whether a person watches the line of progress.</summary>
    public bool Live => _live;

    /// <summary>Cancelled by Ctrl-C or a request to terminate.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>Looks up a variable of the environment; the process's own by default.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The process's own streams and signals.</summary>
    public static Terminal OfProcess()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            // The first asks the work to stop in good order; the second ends the process.
            pressed.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        };
        TerminationHandler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        });
        return new Terminal(Console.Out, Console.Error, !Console.IsErrorRedirected, interrupted.Token);
    }

    private static PosixSignalRegistration? TerminationHandler { get; set; }

    /// <summary>Prints a table to the results.</summary>
    public void Write(Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Output) });
        // Piped output has no width of its own; cutting a table to 80 columns would lose its end.
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = PlainWidth;
        console.Write(table);
    }

    /// <summary>A line for people beside the results.</summary>
    public void Note(string line)
    {
        EndProgress();
        Error.WriteLine(line);
    }

    /// <summary>Overwrites the line of progress; nothing where nobody watches.</summary>
    public void Progress(string line)
    {
        if (!_live) return;
        Error.Write('\r' + line.PadRight(_progressLength));
        _progressLength = line.Length;
    }

    /// <summary>Removes the line of progress.</summary>
    public void EndProgress()
    {
        if (_progressLength == 0) return;
        Error.Write('\r' + new string(' ', _progressLength) + '\r');
        _progressLength = 0;
    }
}
