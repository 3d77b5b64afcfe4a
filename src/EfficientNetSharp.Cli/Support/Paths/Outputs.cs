using System.CommandLine;

namespace EfficientNetSharp.Cli.Support.Paths;

/// <summary>What a verb writes.</summary>
internal enum OutputKind
{
    /// <summary>A file, in a folder that is there.</summary>
    File,

    /// <summary>Files in a folder, which is made; others in it stay.</summary>
    Folder,

    /// <summary>As <see cref="Folder"/>, and nothing that the verb reads lies in it.</summary>
    OwnFolder,

    /// <summary>A file where the name has an ending, else a folder.</summary>
    FileOrFolder,
}

/// <summary>A path that a verb writes.</summary>
/// <param name="Option">The option's name, in messages.</param>
/// <param name="Path">The path.</param>
/// <param name="Kind">What it is to be.</param>
/// <param name="Endings">What a file's name may end in; any where there is none.</param>
/// <param name="IsGiven">Whether it was typed; the folder of one that was not is made.</param>
internal sealed record OutputPath(string Option, string Path, OutputKind Kind, IReadOnlyList<string> Endings, bool IsGiven = true)
{
    /// <summary>Whether it is a file, as far as its name tells.</summary>
    public bool IsFile => Kind == OutputKind.File || (Kind == OutputKind.FileOrFolder && !Directory.Exists(Path)
        && !System.IO.Path.EndsInDirectorySeparator(Path) && System.IO.Path.HasExtension(Path));

    /// <summary>Whether its name ends as it may.</summary>
    public bool HasEnding => Endings.Count == 0 || Endings.Any(ending => Path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An option that names what a verb writes. What it names is checked against all that the verb reads before it begins.</summary>
internal sealed class OutputOption : Option<string?>
{
    private readonly string? _standard;

    public OutputOption(string name, params string[] aliases)
        : base(name, aliases)
    {
    }

    /// <summary>What it writes.</summary>
    public required OutputKind Kind { get; init; }

    /// <summary>What it writes where that depends on what else was given; otherwise as <see cref="Kind"/> says.</summary>
    public Func<ParseResult, OutputKind>? KindBy { get; init; }

    /// <summary>What a file's name may end in, the usual one first, by what else was given.</summary>
    public Func<ParseResult, IReadOnlyList<string>> Endings { get; init; } = _ => [];

    /// <summary>
    /// Where it goes if not given, shown by the help; <see langword="null"/> for nowhere, or as <see cref="Otherwise"/> says.
    /// </summary>
    public string? Standard
    {
        get => _standard;
        init
        {
            _standard = value;
            DefaultValueFactory = _ => value;
        }
    }

    /// <summary>Where it goes if not given, by what else was given.</summary>
    public Func<ParseResult, string?>? Otherwise { get; init; }

    /// <summary>What takes its place where it is not given, by what else was given; that is another option's to write.</summary>
    public Func<ParseResult, string?> Instead { get; init; } = _ => null;

    /// <summary>Files that are written beside it.</summary>
    public Func<string, IEnumerable<string>> Beside { get; init; } = _ => [];

    /// <summary>The path to write, or <see langword="null"/> where nothing is to be written.</summary>
    public string? PathIn(ParseResult parsed) =>
        (IsGiven(parsed) ? null : Instead(parsed)) ?? parsed.GetValue(this) ?? Otherwise?.Invoke(parsed);

    /// <summary>As <see cref="PathIn"/>, for what always has a path.</summary>
    public string RequiredPathIn(ParseResult parsed) =>
        PathIn(parsed) ?? throw new InvalidOperationException($"{Name} has no path.");

    private bool IsGiven(ParseResult parsed) => parsed.GetResult(this) is { Implicit: false };

    /// <summary>All that it writes.</summary>
    public IEnumerable<OutputPath> In(ParseResult parsed)
    {
        bool isGiven = IsGiven(parsed);
        if (PathIn(parsed) is not { } path || (!isGiven && Instead(parsed) is not null)) yield break;
        yield return new OutputPath(Name, path, KindBy?.Invoke(parsed) ?? Kind, Endings(parsed), isGiven);
        foreach (string other in Beside(path)) yield return new OutputPath(Name, other, OutputKind.File, [], isGiven);
    }
}
