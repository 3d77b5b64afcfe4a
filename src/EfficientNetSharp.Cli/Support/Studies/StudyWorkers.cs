using System.CommandLine;
using System.CommandLine.Parsing;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>The tool's further processes that train the trials of a study beside this one.</summary>
internal sealed class StudyWorkers : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly List<Task> _all;

    /// <summary>Starts them.</summary>
    /// <param name="parsed">The words that this process was given.</param>
    /// <param name="words">What they mean.</param>
    /// <param name="processes">How many there are to be, with this one.</param>
    /// <param name="terminal">Where is said that one failed.</param>
    public StudyWorkers(ParseResult parsed, StudyWords words, int processes, Terminal terminal)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(terminal.Interrupted);
        string[] line = [.. WordsOf(parsed, words.Processes.Name), words.Worker.Name];
        _all = [.. Enumerable.Range(1, processes - 1).Select(_ => Task.Run(() => Work(line, terminal)))];
    }

    /// <summary>Waits for them, who end soon: nothing is left to do.</summary>
    public void Dispose()
    {
        Task.WaitAll([.. _all]);
        _stop.Dispose();
    }

    // The words that were given but for the number of processes: each of these is one.
    private static List<string> WordsOf(ParseResult parsed, string processes)
    {
        var words = new List<string>();
        string? option = null;
        foreach (var token in parsed.Tokens)
        {
            string? before = option;
            option = token.Type == TokenType.Option ? token.Value : null;
            if (before == processes || option == processes) continue;
            // An option's value that begins with a dash would be read as an option, were it apart.
            if (before is not null && option is null && token.Value.StartsWith('-')) words[^1] += $"={token.Value}";
            else words.Add(token.Value);
        }

        return words;
    }

    // What a process that failed had is done by another.
    private void Work(string[] line, Terminal terminal)
    {
        try
        {
            ToolProcess.Run(line, _stop.Token);
        }
        catch (OperationCanceledException)
        {
        }
        catch (InvalidOperationException e)
        {
            terminal.Note($"warning: {e.Message}");
        }
    }
}
