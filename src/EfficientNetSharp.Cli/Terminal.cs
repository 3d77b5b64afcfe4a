using System.Globalization;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli;

/// <summary>
/// Where a command speaks: results to standard output, progress and notes to standard error, and the signal by which it is
/// interrupted.
/// </summary>
internal sealed class Terminal
{
    // Piped output has no width of its own; cutting a table to 80 columns would lose its end.
    private const int PlainWidth = 160;

    // What every terminal has.
    private const int Page = 80;
    private readonly bool _live;
    private int _progressLength;

    /// <summary>Speaks through writers.</summary>
    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes progress and notes.</param>
    /// <param name="live">Whether a person watches the line of progress.</param>
    /// <param name="interrupted">Cancelled when the command is to stop.</param>
    /// <param name="color">Whether results and notes may have colours.</param>
    public Terminal(
        TextWriter output, TextWriter error, bool live, CancellationToken interrupted, int width = 0,
        (bool Output, bool Error) color = default)
    {
        Results = new VisibleWriter(output, exception => throw new OutputException(exception)) { HasColor = color.Output };
        // Where notes cannot be said, there is nobody to say so to; the results are what counts.
        Errors = new VisibleWriter(error, _ => { }) { HasColor = color.Error };
        (_live, Interrupted, Width) = (live, interrupted, width > 0 ? width : PlainWidth);
        PageWidth = width > 0 ? Math.Min(width, Page) : Page;
    }

    public TextWriter Output => Results;

    public TextWriter Error => Errors;

    /// <summary>Characters of a line of results.</summary>
    public int Width { get; }

    /// <summary>Characters of a line of text that is read, such as help or the line of progress.</summary>
    public int PageWidth { get; }

    private VisibleWriter Results { get; }

    private VisibleWriter Errors { get; }

    /// <summary>Whether a person watches the line of progress.</summary>
    public bool Live => _live;

    /// <summary>Cancelled by Ctrl-C or a request to terminate.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>Looks up a variable of the environment; the process's own by default.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Opens standard input; the process's own by default.</summary>
    public Func<Stream> Input { get; init; } = Console.OpenStandardInput;

    /// <summary>What a command that was interrupted ends with.</summary>
    public Func<int> CodeOfInterruption { get; init; } = () => EffnetCommand.Interrupted;

    /// <summary>The process's own streams and signals.</summary>
    /// <param name="interruption">The process's signals.</param>
    public static Terminal OfProcess(Interruption interruption)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var terminal = new Terminal(
            Console.Out, Console.Error, !Console.IsErrorRedirected, interruption.Token,
            Console.IsOutputRedirected ? 0 : Console.WindowWidth, (HasColor(Console.IsOutputRedirected), HasColor(Console.IsErrorRedirected)))
        {
            CodeOfInterruption = () => interruption.ExitCode,
        };
        interruption.Tell = terminal.Note;
        return terminal;
    }

    /// <summary>Prints a table to the results.</summary>
    public void Write(TextTable table)
    {
        foreach (var (line, isHead) in table.Lines(Width)) WriteLine(line, isHead ? TextStyle.Strong : TextStyle.Plain);
    }

    /// <summary>Prints a line of the results in a style.</summary>
    public void WriteLine(string line, TextStyle style)
    {
        Results.Write(line, style);
        Results.WriteLine();
    }

    /// <summary>Says what is wrong, as the tool's own words: one line.</summary>
    public void Fail(string message)
    {
        EndProgress();
        Errors.Write("effnet:", TextStyle.Bad);
        Errors.WriteLine($" {message}");
    }

    // The rule of no-color.org. Where TERM says nothing, as in Windows' old console, codes may be shown instead of obeyed.
    private static bool HasColor(bool isRedirected) => !isRedirected
        && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"))
        && System.Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } kind && kind != "dumb";

    /// <summary>A line for people beside the results.</summary>
    public void Note(string line) => Note(line, TextStyle.Plain);

    /// <inheritdoc cref="Note(string)" />
    public void Note(string line, TextStyle style)
    {
        EndProgress();
        // One line, whatever the names in it hold.
        Errors.Write(VisibleText.Of(line), style);
        Errors.WriteLine();
    }

    /// <summary>Overwrites the line of progress; nothing where nobody watches.</summary>
    public void Progress(string line)
    {
        // A line that breaks could not be overwritten; the last column is left free, since some terminals break behind it.
        if (_live) _progressLength = Errors.Overwrite(line, _progressLength, PageWidth - 1);
    }

    /// <summary>Removes the line of progress.</summary>
    public void EndProgress()
    {
        if (_progressLength == 0) return;
        Errors.Overwrite("", _progressLength, 0);
        _progressLength = Errors.Overwrite("", 0, 0);
    }
}

/// <summary>Standard output cannot be written to: its disk is full, for example.</summary>
/// <param name="inner">What the system says.</param>
internal sealed class OutputException(IOException inner) : IOException(inner.Message, inner);
