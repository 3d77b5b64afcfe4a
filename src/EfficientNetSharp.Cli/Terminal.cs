using System.Globalization;
using EfficientNetSharp.Cli.Support;

namespace EfficientNetSharp.Cli;

/// <summary>
/// Where a command speaks: results to standard output, progress and notes to standard error, and the signal by which it is
/// interrupted.
/// </summary>
internal sealed class Terminal
{
    // Piped output has no width of its own; cutting a table to 80 columns would lose its end.
    private const int PlainWidth = 160;
    private readonly bool _live;
    private readonly int _width;
    private int _progressLength;

    /// <summary>Speaks through writers.</summary>
    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes progress and notes.</param>
    /// <param name="live">Whether a person watches the line of progress.</param>
    /// <param name="interrupted">Cancelled when the command is to stop.</param>
    /// <param name="width">Characters of a line of results; 0 for no width of its own.</param>
    public Terminal(TextWriter output, TextWriter error, bool live, CancellationToken interrupted, int width = 0)
    {
        Output = new VisibleWriter(output, exception => throw new OutputException(exception));
        // Where notes cannot be said, there is nobody to say so to; the results are what counts.
        Errors = new VisibleWriter(error, _ => { });
        (_live, Interrupted, _width) = (live, interrupted, width > 0 ? width : PlainWidth);
    }

    public TextWriter Output { get; }

    public TextWriter Error => Errors;

    private VisibleWriter Errors { get; }

    /// <summary>Whether a person watches the line of progress.</summary>
    public bool Live => _live;

    /// <summary>Cancelled by Ctrl-C or a request to terminate.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>Looks up a variable of the environment; the process's own by default.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>What a command that was interrupted ends with.</summary>
    public Func<int> CodeOfInterruption { get; init; } = () => EffnetCommand.Interrupted;

    /// <summary>The process's own streams and signals.</summary>
    /// <param name="interruption">The process's signals.</param>
    public static Terminal OfProcess(Interruption interruption)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return new Terminal(
            Console.Out, Console.Error, !Console.IsErrorRedirected, interruption.Token,
            Console.IsOutputRedirected ? 0 : Console.WindowWidth)
        {
            CodeOfInterruption = () => interruption.ExitCode,
        };
    }

    /// <summary>Prints a table to the results.</summary>
    public void Write(TextTable table) => table.Write(Output, _width);

    /// <summary>A line for people beside the results.</summary>
    public void Note(string line)
    {
        EndProgress();
        Error.WriteLine(line);
    }

    /// <summary>Overwrites the line of progress; nothing where nobody watches.</summary>
    public void Progress(string line)
    {
        if (_live) _progressLength = Errors.Overwrite(line, _progressLength);
    }

    /// <summary>Removes the line of progress.</summary>
    public void EndProgress()
    {
        if (_progressLength == 0) return;
        Errors.Overwrite("", _progressLength);
        _progressLength = Errors.Overwrite("", 0);
    }
}

/// <summary>Standard output cannot be written to: its disk is full, for example.</summary>
/// <param name="inner">What the system says.</param>
internal sealed class OutputException(IOException inner) : IOException(inner.Message, inner);
