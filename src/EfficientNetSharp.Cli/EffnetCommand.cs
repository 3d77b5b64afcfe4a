using System.CommandLine;
using EfficientNetSharp.Cli.Commands;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;

namespace EfficientNetSharp.Cli;

/// <summary>The root command: joins the verbs, and turns failures into exit codes and one-line messages.</summary>
internal static class EffnetCommand
{
    public const int Done = 0, Failed = 1, WrongInput = 2, Interrupted = 130;

    private static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show the whole failure, with its stack trace.",
        Recursive = true,
    };

    /// <summary>The command line: all verbs with their options.</summary>
    public static RootCommand Create(Terminal terminal) => new("EfficientNet for .NET: train, evaluate, export and run.")
    {
        Verbose,
        QuickstartCommand.Create(terminal),
        TrainCommand.Create(terminal),
        EvaluateCommand.Create(terminal),
        PredictCommand.Create(terminal),
        EmbedCommand.Create(terminal),
        CamCommand.Create(terminal),
        DescribeCommand.Create(terminal),
        ListCommand.Create(terminal),
        ImportCommand.Create(terminal),
        ExportCommand.Create(terminal),
        RunCommand.Create(terminal),
        DownloadCommand.Create(terminal),
        BenchmarkCommand.Create(terminal),
        ScaleCommand.Create(terminal),
        ReportCommand.Create(terminal),
        DataCommand.Create(terminal),
        DoctorCommand.Create(terminal),
    };

    public static int Run(string[] args, Terminal terminal)
    {
        // A file may be called @2x.png: words are what they are, not names of files with more words.
        var parsed = Create(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            string verb = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            // The parser lists choices on lines of their own.
            string error = string.Join(
                ' ', parsed.Errors[0].Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            return Say(terminal, $"{error} 'effnet {verb}--help' shows what it takes.", WrongInput);
        }

        bool verbose = parsed.GetValue(Verbose);
        try
        {
            var settings = new InvocationConfiguration
            {
                Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            };
            if (parsed.Action == parsed.CommandResult.Command.Action) OutputRules.Check(parsed);
            return parsed.Invoke(settings);
        }
        catch (Exception exception)
        {
            int code = Failure.CodeOf(exception);
            // Which signal it was, its code tells.
            if (code == Interrupted) return Say(terminal, Failure.LineOf(exception), terminal.CodeOfInterruption());
            if (!verbose) return Say(terminal, Failure.LineOf(exception), code);
            terminal.EndProgress();
            terminal.Error.Write($"effnet: {exception}\n");
            return code;
        }
    }

    private static int Say(Terminal terminal, string message, int code)
    {
        terminal.EndProgress();
        terminal.Error.WriteLine($"effnet: {message}");
        return code;
    }
}
