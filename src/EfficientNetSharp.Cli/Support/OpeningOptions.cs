using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Options of the verbs that run images through a model: backend, threads, vectors, and what is done to images otherwise.</summary>
internal sealed class OpeningOptions
{
    private readonly Option<string?>? _backend;

    private readonly RunnerChoice _runner = new();

    private readonly InputOption _classes = new("--classes", InputKind.File)
    {
        Description = "What the outputs stand for, instead of what the file says: a file of names (a line each, or JSON), or the word imagenet or imagenet21k.",
    };

    private readonly PreprocessingOptions _preprocessing = new();

    /// <summary>Makes the options.</summary>
    /// <param name="hasBackend">Whether the verb lets a backend be chosen.</param>
    public OpeningOptions(bool hasBackend = true) => _backend = hasBackend ? SharedOptions.Backend() : null;

    public void AddTo(Command command)
    {
        if (_backend is not null) command.Add(_backend);
        _runner.AddTo(command);
        command.Add(_classes);
        _preprocessing.AddTo(command);
    }

    public OpenOptions Get(ParseResult parsed, Terminal terminal) => new()
    {
        Backend = _backend is null ? null : parsed.GetValue(_backend),
        Runner = _runner.Get(parsed),
        Size = _preprocessing.Size(parsed),
        OnFallback = terminal.Note,
        Preprocessing = _preprocessing.Named(parsed),
        ClassList = parsed.GetValue(_classes) is { } list ? ClassListFile.Get(list) : null,
        OnNote = line => terminal.Note($"note: {line}"),
        AdjustPreprocessing = sized => _preprocessing.Adjust(sized, parsed),
    };
}
