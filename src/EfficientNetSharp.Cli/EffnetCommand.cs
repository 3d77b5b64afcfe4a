using System.CommandLine;
using System.CommandLine.Help;
using EfficientNetSharp.Cli.Commands;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;

namespace EfficientNetSharp.Cli;

/// <summary>The root command: joins the verbs, and turns failures into exit codes and one-line messages.</summary>
internal static class EffnetCommand
{
    public const int Done = 0, Failed = 1, WrongInput = 2, Interrupted = 130;

    private const string Verbose = "--verbose";

    /// <summary>The command line: all verbs with their options.</summary>
    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("EfficientNet for .NET: train, evaluate, export and run.")
        {
            // A tree of its own: an option keeps all commands that it was ever given to.
            new Option<bool>(Verbose) { Description = "Show the whole failure, with its stack trace.", Recursive = true },
            QuickstartCommand.Create(terminal),
            TrainCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            EmbedCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            AlignCommand.Create(terminal),
            CamCommand.Create(terminal),
            GalleryCommand.Create(terminal),
            EnrollCommand.Create(terminal),
            IdentifyCommand.Create(terminal),
            DescribeCommand.Create(terminal),
            ListCommand.Create(terminal),
            ImportCommand.Create(terminal),
            ExportCommand.Create(terminal),
            RunCommand.Create(terminal),
            DownloadCommand.Create(terminal),
            QuantizeCommand.Create(terminal),
            BenchmarkCommand.Create(terminal),
            ScaleCommand.Create(terminal),
            DeviceCommand.Create(terminal),
            StudyCommand.Create(terminal),
            ReportCommand.Create(terminal),
            DataCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };
        var page = new HelpPage(terminal);
        root.Add(HelpCommand.Create(root, page));
        var help = root.Options.OfType<HelpOption>().Single();
        (help.Action, help.Description) = (page, "Show what it does and takes.");
        root.Options.OfType<VersionOption>().Single().Description = "Show the tool's version.";
        root.Action = new HelpPage(terminal);
        return root;
    }

    public static int Run(string[] args, Terminal terminal)
    {
        // A file may be called @2x.png: words are what they are, not names of files with more words.
        var parsed = Create(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool verbose = parsed.GetValue<bool>(Verbose);
        try
        {
            if (Completion.IsAsked(args)) return Completion.Answer(terminal, parsed);
            // Whoever asks for help by the option need not have the other words right, but the verb.
            bool asksForHelp = parsed.Action is HelpPage && parsed.Action != parsed.CommandResult.Command.Action;
            if ((asksForHelp ? WordErrors.UnknownVerb(parsed) : WordErrors.LineOf(parsed, args)) is { } error)
            {
                terminal.Fail(error);
                return WrongInput;
            }

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
            if (verbose && code != Interrupted)
            {
                terminal.EndProgress();
                terminal.Error.Write($"effnet: {exception}\n");
                return code;
            }

            terminal.Fail(Failure.LineOf(exception));
            // Which signal it was, its code tells.
            return code == Interrupted ? terminal.CodeOfInterruption() : code;
        }
    }
}
