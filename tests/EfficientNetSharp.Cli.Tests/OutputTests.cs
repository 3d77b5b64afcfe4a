using System.Diagnostics;
using EfficientNetSharp.Cli.Support;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Failures in the words of people: one line that names the path, and no names of the language's types.</summary>
public sealed class OutputTests
{
    [Fact]
    public void Results_that_cannot_be_written_get_one_line()
    {
        using var error = new StringWriter();
        int code = EffnetCommand.Run(["list"], new Terminal(new FullWriter(), error, live: false, default));
        Assert.Equal(1, code);
        Assert.Equal("effnet: The results cannot be written to standard output: No space left on device.\n",
            error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Notes_that_cannot_be_written_do_not_stop_the_work()
    {
        using var output = new StringWriter();
        Assert.Equal(0, EffnetCommand.Run(["list", "--json"], new Terminal(output, new FullWriter(), live: true, default)));
        Assert.Equal(2, EffnetCommand.Run(["describe", "nothing"], new Terminal(output, new FullWriter(), live: true, default)));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list", "--json")]
    [InlineData("describe", "efficientnet_b0")]
    [InlineData("scale", "efficientnet_b0", "--phi", "1", "--json")]
    [InlineData("--help")]
    [InlineData("train", "--help")]
    [InlineData("--version")]
    public async Task A_full_device_gets_one_line(params string[] words)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        var start = new ProcessStartInfo("bash") { RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec dotnet \"$@\" > /dev/full");
        start.ArgumentList.Add("bash");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "effnet.dll"));
        foreach (string word in words) start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("effnet: The results cannot be written to standard output: No space left on device.\n", error);
    }

    public static TheoryData<Exception, int, string> Failures => new()
    {
        { new InvalidInputException("Name one."), 2, "Name one." },
        { new IOException("No space left on device : '/full/m.safetensors'"), 1, "'/full/m.safetensors': No space left on device." },
        { new UnauthorizedAccessException("Access to the path '/closed/x' is denied."), 1, "Access to the path '/closed/x' is denied." },
        { new AggregateException(new InvalidInputException("Name one.")), 2, "Name one." },
        { new OperationCanceledException(), 130, "Interrupted." },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failures_have_a_line_and_a_code(Exception exception, int code, string line) =>
        Assert.Equal((code, line), (Failure.CodeOf(exception), Failure.LineOf(exception)));

    [Fact]
    public void No_failure_shows_its_type()
    {
        Exception[] all =
        [
            new InvalidOperationException("a\nb"), new InsufficientMemoryException(), new DllNotFoundException("x"),
            new KeyNotFoundException(),
            new TypeInitializationException("T", new InvalidOperationException("y")), new ArgumentException("z"),
            new EndOfStreamException(),
        ];
        Assert.All(all, exception =>
        {
            string line = Failure.LineOf(exception);
            Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', line);
        });
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine() => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
