using System.CommandLine;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options of the verbs that run images through a model: backend, threads, and what is done to images otherwise.</summary>
internal sealed class OpeningOptions
{
    private readonly Option<string?> _backend = SharedOptions.Backend();

    private readonly Option<int> _threads = SharedOptions.Threads();

    private readonly PreprocessingOptions _preprocessing = new();

    public void AddTo(Command command)
    {
        command.Add(_backend);
        command.Add(_threads);
        _preprocessing.AddTo(command);
    }

    public OpenOptions Get(ParseResult parsed, Terminal terminal) => new()
    {
        Backend = parsed.GetValue(_backend),
        Runner = new RunnerOptions { Threads = parsed.GetValue(_threads) },
        Size = _preprocessing.Size(parsed),
        OnFallback = terminal.Note,
        AdjustPreprocessing = sized => _preprocessing.Adjust(sized, parsed),
    };
}
