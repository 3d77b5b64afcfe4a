using System.CommandLine;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Cli.Support.Paths;

/// <summary>What a verb reads of what it is given.</summary>
internal enum InputKind
{
    /// <summary>A file, or a word that may be a file's name.</summary>
    File,

    /// <summary>A model: a file, or the folder of a run, whose model is read.</summary>
    Model,

    /// <summary>Files, or folders of which all that is in them is read, as of a dataset.</summary>
    Images,

    /// <summary>A folder of which files of certain names are read, as of a run or a mirror.</summary>
    Folder,
}

/// <summary>A path that a verb reads.</summary>
internal readonly record struct InputPath(string Path, InputKind Kind);

/// <summary>A word of a verb that names what it reads.</summary>
internal interface IInput
{
    /// <summary>What was given.</summary>
    IEnumerable<InputPath> In(ParseResult parsed);
}

/// <summary>An argument that names what a verb reads.</summary>
/// <typeparam name="T">A string, which may be left out, or several.</typeparam>
internal sealed class InputArgument<T>(string name, InputKind kind = InputKind.File) : Argument<T>(name), IInput
{
    public IEnumerable<InputPath> In(ParseResult parsed) => parsed.GetValue(this) switch
    {
        string path when kind == InputKind.Model && Directory.Exists(path) =>
            [new InputPath(path, InputKind.Folder), new InputPath(new RunFolder(path).Model, kind)],
        string path => [new InputPath(path, kind)],
        IEnumerable<string> paths => paths.Select(path => new InputPath(path, kind)),
        _ => [],
    };
}

/// <summary>An option that names what a verb reads, and that may be given several times.</summary>
internal sealed class InputOptions(string name, InputKind kind) : Option<string[]>(name), IInput
{
    public IEnumerable<InputPath> In(ParseResult parsed) => (parsed.GetValue(this) ?? []).Select(path => new InputPath(path, kind));
}

/// <summary>An option that names what a verb reads.</summary>
internal sealed class InputOption(string name, InputKind kind, params string[] aliases) : Option<string?>(name, aliases), IInput
{
    public IEnumerable<InputPath> In(ParseResult parsed) => parsed.GetValue(this) is { } path ? [new InputPath(path, kind)] : [];
}
