using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests.Paths;

/// <summary>
/// Every verb that writes, taken from the tree of commands, with inputs that are no files of any format: what is refused is refused by what
/// the outputs are called, before anything is read, and nothing is touched.
/// </summary>
public sealed class OutputRulesTests : IDisposable
{
    // Words that are no paths. A new one that is a path belongs to InputOption, InputArgument or OutputOption, which are checked.
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "NAME", "PART", "VERB", "--augment", "--backend", "--batch-norm", "--calibrator", "--class", "--decay-rule", "--device", "--format", "--freeze",
            "--index",
        "--latency", "--macs", "--method", "--name", "--networks", "--normalization", "--optimizer", "--params", "--precision", "--prefix",
        "--schedule", "--scheme", "--sort", "--source", "--split", "--strategy", "--target", "--type", "--values", "--weight-scales", "--weights",
    };

    private readonly string _root = Directory.CreateTempSubdirectory("outputs").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<string, string> Outputs => [.. AllOutputs().Select(one => (string.Join(' ', one.Verb), one.Option.Name))];

    [Fact]
    public void Every_word_of_every_verb_that_takes_text_is_an_input_an_output_or_no_path()
    {
        var undeclared = Verbs().SelectMany(verb => Symbols(verb.Command)
            .Where(symbol => TypeOf(symbol) == typeof(string) || TypeOf(symbol) == typeof(string[]))
            .Where(symbol => symbol is not (IInput or OutputOption) && !Words.Contains(symbol.Name))
            .Select(symbol => $"{string.Join(' ', verb.Words)} {symbol.Name}"));
        Assert.Empty(undeclared);
        Assert.True(AllOutputs().Count() >= 15);
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void An_output_that_is_an_input_by_whatever_name_is_refused(string verb, string option)
    {
        var (words, inputs) = Line(verb);
        foreach (string input in inputs)
        {
            var spellings = new List<string>
            {
                input, Path.Combine(_root, ".", Path.GetFileName(input)),
                Path.GetRelativePath(Environment.CurrentDirectory, input), Path.Combine(_root, "nothing", "..", Path.GetFileName(input)),
                input + Path.DirectorySeparatorChar,
            };
            if (!OperatingSystem.IsWindows())
            {
                string soft = input + ".soft", throughFolder = Path.Combine(_root, "folder");
                File.Delete(soft);
                File.CreateSymbolicLink(soft, input);
                if (!Directory.Exists(throughFolder)) Directory.CreateSymbolicLink(throughFolder, _root);
                spellings.AddRange([soft, Path.Combine(throughFolder, Path.GetFileName(input))]);
                if (File.Exists(input)) spellings.Add(HardLink(input));
            }

            foreach (string spelling in spellings) AssertRefused(option, [.. words, option, spelling]);
        }
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void What_cannot_be_written_or_is_called_otherwise_is_refused(string verb, string option)
    {
        var (words, _) = Line(verb);
        string file = Path.Combine(_root, "a file");
        var parsed = EffnetCommand.Create(Nowhere()).Parse([.. words, option, file]);
        var symbol = parsed.CommandResult.Command.Options.OfType<OutputOption>().First(one => one.Name == option);
        var kind = symbol.Kind;
        var bad = new List<string> { "", " " };
        File.WriteAllText(file, "kept");
        // Below a file nothing can be made.
        string ending = symbol.Endings(parsed) is [var first, ..] ? first : "";
        bad.Add(Path.Combine(file, "x" + ending));
        bad.Add(Path.Combine(_root, new string('x', 300) + ending));
        if (kind == OutputKind.File)
        {
            bad.Add(Path.Combine(_root, "missing", "x" + ending));
            bad.Add(Directory.CreateDirectory(Path.Combine(_root, "a folder" + ending)).FullName);
            bad.AddRange(new[] { ".bin", ".npz", ".exe", "" }.Select(wrong => Path.Combine(_root, "wrong" + wrong)));
        }
        else
        {
            bad.Add(kind == OutputKind.FileOrFolder ? file + Path.DirectorySeparatorChar : file);
        }

        if (!OperatingSystem.IsWindows())
        {
            string pipe = Path.Combine(_root, "pipe" + ending);
            Shell.Run($"mkfifo '{pipe}'");
            bad.Add(pipe);
            string loop = Path.Combine(_root, "loop" + ending);
            File.CreateSymbolicLink(loop, loop);
            bad.Add(loop);
        }

        foreach (string path in bad) AssertRefused(option, [.. words, option, path]);
        Assert.Equal("kept", File.ReadAllText(file));
    }

    [Fact]
    public void A_run_is_kept_out_of_its_images_and_they_out_of_it()
    {
        string data = Images(Path.Combine(_root, "set", "images"));
        AssertRefused("--output", ["train", data, "-o", Path.Combine(data, "run")]);
        AssertRefused("--output", ["train", data, "-o", Path.Combine(data, "a", "b", "run")]);
        AssertRefused("--output", ["train", data, "-o", Path.Combine(_root, "set")]);
        AssertRefused("--output", ["train", data, "-o", Path.Combine(data, "..", "..")]);
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), data);
        AssertRefused("--output", ["train", data, "-o", Path.Combine(_root, "link", "run")]);
        AssertRefused("--output", ["train", Path.Combine(_root, "link"), "-o", Path.Combine(_root, "set", "images", "run")]);
    }

    [Fact]
    public void A_file_of_a_set_that_is_read_is_not_replaced_and_none_is_added_that_would_be_one_of_its_images()
    {
        string data = Images(Path.Combine(_root, "images")), list = Path.Combine(data, "labels.csv"), model = Garbage("m.safetensors");
        File.WriteAllText(list, "kept");
        AssertRefused("--output", ["embed", model, data, "-o", list]);
        // Beside rows.npy their names are written to rows.txt.
        File.WriteAllText(Path.Combine(data, "rows.txt"), "kept");
        AssertRefused("--output", ["embed", model, data, "-o", Path.Combine(data, "rows.npy")]);
        AssertRefused("--output", ["data", "inspect", data, "-o", Path.Combine(data, "sheet.png")]);
        AssertRefused("--output", ["cam", model, data, "-o", Path.Combine(data, "maps")]);
        Assert.Equal("kept", File.ReadAllText(list));
    }

    [Fact]
    public void Two_outputs_are_two()
    {
        string place = Path.Combine(_root, "place");
        var (code, _, error) = Run("data", "get", "pets", "--from", _root, "-o", place, "--cache", Path.Combine(place, "..", "place"));
        Assert.Equal(2, code);
        Assert.Contains("name two", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place));
    }

    private void AssertRefused(string option, string[] words)
    {
        string[] before = Listing();
        var (code, output, error) = Run(words);
        string line = $"{string.Join(' ', words)}\n{error}";
        Assert.True(code == EffnetCommand.WrongInput, line);
        Assert.Empty(output);
        Assert.True(error.Trim().Split('\n').Length == 1, line);
        Assert.True(
            error.Contains(option, StringComparison.Ordinal) || error.Contains("Cannot write", StringComparison.Ordinal)
            || error.Contains("to write to, found none", StringComparison.Ordinal), line);
        Assert.Equal(before, Listing());
    }

    private string[] Listing() =>
    [
        .. new DirectoryInfo(_root)
            .EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(entry => entry.LinkTarget is null)
            .Select(entry => $"{entry.Name} {entry.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal),
    ];

    // What a verb takes besides its outputs, and those of it that are paths.
    private (string[] Words, string[] Inputs) Line(string verb)
    {
        var (words, command) = Verbs().First(one => string.Join(' ', one.Words) == verb);
        var line = new List<string>(words);
        var inputs = new List<string>();
        foreach (var argument in command.Arguments)
        {
            // A name of a dataset that can be fetched.
            line.Add(argument is IInput ? Input(argument.Name) : "pets");
        }

        foreach (var option in command.Options.OfType<InputOption>().Where(option => option.Required))
            line.AddRange([option.Name, Input(option.Name)]);
        return ([.. line], [.. inputs]);

        string Input(string name)
        {
            string plain = name.Trim('-').Replace('|', '_').ToLowerInvariant();
            string path = name is "DATA" or "RUN" ? Images(Path.Combine(_root, plain)) : Garbage(plain);
            inputs.Add(path);
            return path;
        }
    }

    private string Garbage(string name)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllBytes(path, [1, 2, 3]);
        return path;
    }

    private static string Images(string folder)
    {
        string inner = Directory.CreateDirectory(Path.Combine(folder, "cat")).FullName;
        File.WriteAllBytes(Path.Combine(inner, "1.png"), [1, 2, 3]);
        return folder;
    }

    private static string HardLink(string file)
    {
        string link = file + ".hard";
        if (!File.Exists(link)) Shell.Run($"ln '{file}' '{link}'");
        return link;
    }

    private static IEnumerable<(string[] Verb, OutputOption Option)> AllOutputs() =>
        Verbs().SelectMany(verb => verb.Command.Options.OfType<OutputOption>().Select(option => (verb.Words, option)));

    private static IEnumerable<(string[] Words, Command Command)> Verbs() => Below(EffnetCommand.Create(Nowhere()), []);

    private static IEnumerable<(string[] Words, Command Command)> Below(Command command, string[] words) => command.Subcommands.Count == 0
        ? [(words, command)]
        : command.Subcommands.SelectMany(inner => Below(inner, [.. words, inner.Name]));

    private static IEnumerable<Symbol> Symbols(Command command) => [.. command.Arguments, .. command.Options];

    private static Type TypeOf(Symbol symbol) => symbol switch
    {
        Argument argument => argument.ValueType,
        Option option => option.ValueType,
        _ => typeof(void),
    };

    private static Terminal Nowhere() => new(TextWriter.Null, TextWriter.Null, live: false, CancellationToken.None);
}
