using System.CommandLine;
using System.Diagnostics;
using System.Xml.Linq;
using EfficientNetSharp.Cli.Support;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The command that a report prints does the same again.</summary>
public sealed class GivenCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("it's a $HOME & more").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<string[]> Lines => new()
    {
        new[] { "verb", "plain", "-o", "runs/x-1_2.5,3:4" },
        new[] { "verb", "two words", "--output", "it's \"quoted\" $HOME `date` \\ !" },
        new[] { "verb", "", "--number", "3" },
        new[] { "verb", "größe*?.jpg", "--number=-3" },
        new[] { "verb", "line\nbreak", "--output=--number" },
        new[] { "verb", "--output", "a=b", "--", "-dash" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_shell_gives_the_words_back(string[] words)
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "Needs a POSIX shell.");
        var command = new Command("verb")
        {
            new Argument<string>("data"), new Option<string>("--output", "-o"), new Option<int>("--number"),
        };
        var root = new RootCommand { command };
        var parsed = root.Parse(words);
        Assert.Empty(parsed.Errors);
        var again = root.Parse(WordsOf(GivenCommand.Of(parsed)));
        Assert.Empty(again.Errors);
        Assert.Equal(parsed.Tokens.Select(token => token.Value), again.Tokens.Select(token => token.Value));
        foreach (string name in new[] { "data", "--output" }) Assert.Equal(parsed.GetValue<string>(name), again.GetValue<string>(name));
        Assert.Equal(parsed.GetValue<int>("--number"), again.GetValue<int>("--number"));
    }

    [Fact]
    public void The_commands_of_training_and_of_evaluation_give_the_same_again()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "Needs a POSIX shell.");
        string data = TwoClasses.Write(Path.Combine(_root, "images")), run = Path.Combine(_root, "run"),
            model = Path.Combine(run, "model.safetensors");
        Assert.Equal(0, Run(
            "train", data, "-o", run, "-a", "mobilenetv3_small_100", "--resolution=32", "--epochs", "1", "--batch-size", "4", "--seed", "7",
            "--threads", "1",
            "--validation-fraction", "0.4", "--no-flip").Code);
        byte[] trained = File.ReadAllBytes(model);
        string[] words = WordsOf(CommandIn(Path.Combine(run, "report.html")));
        Directory.Delete(run, recursive: true);
        Assert.Equal(0, Run(words).Code);
        Assert.Equal(trained, File.ReadAllBytes(model));

        string report = Path.Combine(_root, "judged.html");
        Assert.Equal(0, Run("evaluate", model, data, "--report", report, "--batch-size", "5", "--backend", "torch", "--threads", "1",
            "--json").Code);
        byte[] judged = Comparable(report);
        words = WordsOf(CommandIn(report));
        File.Delete(report);
        Assert.Equal(0, Run(words).Code);
        Assert.Equal(judged, Comparable(report));
    }

    // What a shell makes of the line, the tool's name left out.
    private static string[] WordsOf(string line)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($$"""effnet() { for word in "$@"; do printf '%s\0' "$word"; done; }; {{line}}""");
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\0')[..^1];
    }

    private static string CommandIn(string report) => Page(report).Descendants("dt").Single(term => term.Value == "Command")
        .ElementsAfterSelf("dd").First().Value;

    // Speed and time differ from run to run.
    private static byte[] Comparable(string report)
    {
        var page = Page(report);
        return System.Text.Encoding.UTF8.GetBytes(string.Join('\n', page.Descendants("table").Select(table => table.Value)));
    }

    private static XDocument Page(string report)
    {
        using var reader = System.Xml.XmlReader.Create(report,
            new System.Xml.XmlReaderSettings { DtdProcessing = System.Xml.DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }
}
