using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Every verb, walked over: its help, its completions, and what it says of wrong words.</summary>
public sealed class WordsTests
{
    public static TheoryData<string> Verbs()
    {
        var all = new TheoryData<string>();
        foreach (var (path, _) in Walk(Root(), "")) all.Add(path);
        return all;
    }

    [Fact]
    public void The_walk_finds_them() =>
        Assert.Superset(new HashSet<string>(["", "train", "data", "data inspect", "report runs", "help"]), Walk(Root(), "").Select(one => one.Path).ToHashSet());

    [Fact]
    public void Commands_that_are_done_are_not_kept()
    {
        // In a process that runs many, as these tests are.
        var done = Enumerable.Range(0, 3).Select(_ => Forgotten()).ToList();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Contains(done, one => !one.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Forgotten() => new(Root());
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_fits_80_columns_and_shows_every_default(string path)
    {
        var command = Find(path);
        var (code, output, error) = Run([.. Split(path), "--help"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(output, Run(["help", .. Split(path)]).Output);
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd('\r').Length <= 80, line));
        string text = string.Join(' ', output.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"Usage: effnet {path}".TrimEnd(), text, StringComparison.Ordinal);
        foreach (var option in command.Options)
        {
            Assert.Contains(option.Name, text, StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{path} {option.Name}");
            if (HelpPage.DefaultOf(option) is { Length: > 0 } standard)
                Assert.Contains($"[default: {standard}]", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_of_a_verb_that_there_is_not_says_so(string path)
    {
        if (Find(path).Subcommands.Count == 0) return;
        foreach (string help in new[] { "--help", "-h" })
        {
            var (code, output, error) = Run([.. Split(path), "retrieve", help]);
            Assert.Equal((2, ""), (code, output));
            Assert.StartsWith("effnet: There is no verb 'retrieve'", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Numbers_that_are_always_used_have_a_default_that_is_shown(string path)
    {
        // Options of a recipe replace its values, and have none of their own.
        if (path == "train") return;
        var numbers = Find(path).Options.Where(option => option.ValueType.IsPrimitive && option.ValueType != typeof(bool));
        Assert.All(numbers, option => Assert.NotEqual("", HelpPage.DefaultOf(option)));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Outputs_go_where_an_option_says_or_to_one_place(string path)
    {
        foreach (var output in Find(path).Options.OfType<OutputOption>().Where(option => option.Standard is not null))
        {
            // The current folder, or a place below runs/ that no other verb has.
            if (output.Standard == ".") continue;
            Assert.Equal("runs", Path.GetDirectoryName(output.Standard));
            Assert.Single(
                Walk(Root(), "").SelectMany(one => one.Command.Options.OfType<OutputOption>()), other => other.Standard == output.Standard);
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void An_option_that_is_mistyped_is_said_first_in_one_line(string path)
    {
        var command = Find(path);
        foreach (var option in command.Options.Where(option => option.Name.Length > 5))
        {
            string typed = option.Name[..^2] + option.Name[^1] + option.Name[^2];
            if (typed == option.Name) continue;
            // Neither the missing arguments nor one too many hides it.
            foreach (string[] words in new string[][] { [typed], [typed, "5"], ["x", typed, "5", "y", "z"], [$"{typed}=5"] })
            {
                var (code, output, error) = Run([.. Split(path), .. words]);
                if (command.Subcommands.Count > 0 && words[0] == "x") continue;
                Assert.Equal((2, ""), (code, output));
                Assert.Single(error.TrimEnd().Split('\n'));
                string verb = $"effnet {path}".TrimEnd();
                Assert.StartsWith($"effnet: '{verb}' has no option '{typed}'. Did you mean ", error, StringComparison.Ordinal);
                Assert.Contains($"'{option.Name}'", error, StringComparison.Ordinal);
                Assert.EndsWith($"? '{verb} --help' shows what it takes.\n", error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Words_that_are_missing_or_too_many_get_one_line(string path)
    {
        var command = Find(path);
        foreach (string[] words in new string[][] { [], ["a", "b", "c", "d", "e"] })
        {
            // Nothing that begins work: what takes all words is left out.
            bool isWrong = command.Arguments.Any(argument => argument.Arity.MinimumNumberOfValues > words.Length)
                || (words.Length > 0 && command.Arguments.Sum(argument => argument.Arity.MaximumNumberOfValues) < words.Length);
            if (!isWrong) continue;
            var (code, output, error) = Run([.. Split(path), .. words]);
            Assert.Equal((2, ""), (code, output));
            Assert.Single(error.TrimEnd().Split('\n'));
            Assert.Contains(" --help' shows ", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("trian", "train")]
    [InlineData("evalute", "evaluate")]
    [InlineData("predcit", "predict")]
    [InlineData("data inspcet", "inspect")]
    [InlineData("report scalign", "scaling")]
    [InlineData("help lits", "list")]
    [InlineData("bench", "benchmark")]
    public void A_verb_that_is_mistyped_is_guessed(string line, string verb)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"Did you mean '{verb}'", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("train x --optimizer adam", "--optimizer: expected adamw, sgdnesterov, rmsproptf or lamb, found 'adam'. Did you mean 'adamw'? ")]
    [InlineData("export x --format onx", "found 'onx'. Did you mean 'onnx'? 'effnet export --help'")]
    [InlineData("predict m i --interpolation 7", "--interpolation: expected bilinear, bicubic, lanczos or box, found '7'. 'effnet")]
    [InlineData("describe", "'effnet describe' expects NAME|MODEL, found none. ")]
    [InlineData("describe a b", "'effnet describe' takes NAME|MODEL alone, found 'b' besides. ")]
    [InlineData("train x --epochs", "--epochs expects a value, found none. ")]
    [InlineData("run m", "'effnet run' expects --input and --output, found none. ")]
    public void What_is_wrong_is_said_in_sentences(string line, string expected)
    {
        var (code, _, error) = Run(line.Split(' '));
        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_verb_the_help_is_shown()
    {
        string[][] ways = [[], ["help"], ["--help"], ["-h"]];
        var pages = ways.Select(words => Run(words)).ToList();
        Assert.All(pages, page => Assert.Equal((0, pages[0].Output, ""), (page.Code, page.Output, page.Error)));
        Assert.Contains("  train ", pages[0].Output, StringComparison.Ordinal);
        Assert.Contains("expects a verb, one of list, get, inspect, augment; found none.", Run("data").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_two_dashes_a_word_is_an_argument() =>
        Assert.Contains("'-cat.png'", Run("data", "inspect", "--", "-cat.png").Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("effnet ev", "evaluate")]
    [InlineData("effnet data in", "inspect")]
    [InlineData("effnet train photos --optimizer ", "lamb")]
    [InlineData("effnet describe efficientnet_b", "efficientnet_b7")]
    [InlineData("effnet train photos --from tf_efficientnetv2_b0.", "timm/tf_efficientnetv2_b0.in1k")]
    [InlineData("effnet predict tf_eff", "timm/tf_efficientnetv2_b0.in1k")]
    [InlineData("effnet predict --top", "--top-k")]
    public void A_shell_completes_words(string line, string expected)
    {
        var (code, output, error) = Run($"[suggest:{line.Length}]", line);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(expected, output.Split('\n', StringSplitOptions.TrimEntries));
        Assert.DoesNotContain("/?", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_for_terminals_that_want_them()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(2, EffnetCommand.Run(["trian"], new Terminal(output, error, live: false, default, color: (true, true))));
        Assert.StartsWith("\u001b[31meffnet:\u001b[0m There is no verb", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', Run("trian").Error);
        Assert.DoesNotContain('\u001b', Run("--help").Output);
    }

    private static RootCommand Root()
    {
        using var silent = new StringWriter();
        return EffnetCommand.Create(new Terminal(silent, silent, live: false, default));
    }

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string path) =>
        command.Subcommands.SelectMany(verb => Walk(verb, $"{path} {verb.Name}".TrimStart())).Prepend((path, command));

    private static Command Find(string path) => Walk(Root(), "").Single(one => one.Path == path).Command;

    private static string[] Split(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
