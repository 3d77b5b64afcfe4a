using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Tasks;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>A run goes on by its folder alone, what it cannot go on with is named, and its lines fit a terminal.</summary>
public sealed class ResumeCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("resume").FullName;
    private readonly string _data, _run;

    public ResumeCommandTests() => (_data, _run) = (TwoClasses.Write(Path.Combine(_root, "images")), Path.Combine(_root, "my run"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_run_that_was_stopped_goes_on_by_its_folder_alone()
    {
        string whole = Path.Combine(_root, "whole");
        Assert.Equal(0, Run([.. Words(3), "-o", whole]).Code);
        using (var stopping = new CancellationTokenSource())
        {
            var (output, error) = (new StringWriter(), new StoppingWriter("epoch   1/3", stopping));
            Assert.Equal(130, EffnetCommand.Run([.. Words(3), "-o", _run], new Terminal(output, error, live: false, stopping.Token)));
            Assert.Contains($"'effnet train --resume '{_run}'' goes on.", error.ToString(), StringComparison.Ordinal);
        }

        var (code, _, said) = Run("train", "--resume", _run);
        Assert.Equal(0, code);
        foreach (string name in new[] { "model.safetensors", "history.csv" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name)), File.ReadAllBytes(Path.Combine(_run, name)));
        string[] next = [.. said.Split('\n', StringSplitOptions.TrimEntries).SkipWhile(line => line != "next:").Skip(1)];
        Assert.StartsWith($"effnet evaluate '{_run}' {_data}", next[0], StringComparison.Ordinal);
        Assert.Equal($"effnet predict '{_run}' {_data}", next[1]);
        Assert.Equal($"effnet export '{_run}' -o 'my run.onnx'", next[2]);
        // As before: without a value, with the data before or behind it.
        Assert.Equal(0, Run([.. Words(3), "-o", _run, "--resume"]).Code);
        Assert.Equal(0, Run(["train", "--resume", .. Words(3).Skip(1), "-o", _run]).Code);
    }

    [Fact]
    public void What_differs_is_named_with_both_values()
    {
        Assert.Equal(0, Run([.. Words(1), "-o", _run]).Code);
        foreach (var (words, expected) in new (string[], string)[]
        {
            (["--batch-size", "6"], "batchSize was 8 and is 6 now"),
            (["--learning-rate", "1e-6"], "learningRate was not set and is 1e-6 now"),
            (["--dropout", "0.25"], "is 0.25 now"),
            (["--resolution", "48"], "preprocessing.height was 32 and is 48 now"),
            (["-a", "mobilenet_v3_large"], "was mobilenet_v3_small and is mobilenet_v3_large now"),
        })
        {
            // In the place of what the run was begun with.
            string[] given = [.. Words(1)];
            int at = Array.IndexOf(given, words[0]);
            if (at >= 0) given[at + 1] = words[1];
            var (code, _, error) = Run([.. given, .. at >= 0 ? [] : words, "-o", _run, "--resume"]);
            Assert.Equal(2, code);
            string line = Assert.Single(error.Split('\n'), one => one.StartsWith("effnet:", StringComparison.Ordinal));
            Assert.Contains("cannot go on", line, StringComparison.Ordinal);
            Assert.Contains(expected, line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--epochs 4")]
    [InlineData("-a efficientnet_b0")]
    [InlineData("--repeat x")]
    public void A_run_that_is_named_says_itself_what_it_is_of(string words)
    {
        Assert.Equal(0, Run([.. Words(1), "-o", _run]).Code);
        var (code, _, error) = Run(["train", "--resume", _run, .. words.Split(' ')]);
        Assert.Equal(2, code);
        Assert.Contains("--resume RUN takes data and recipe from the run", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_run_is_no_run()
    {
        var (code, _, error) = Run("train", "--resume", Path.Combine(_root, "nothing"));
        Assert.Equal(2, code);
        Assert.Contains("nothing' holds no run", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_root, "nothing")));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    public void Lines_of_training_fit_the_terminal(int width)
    {
        using var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, live: true, default, width);
        var view = new TrainingView(terminal);
        var task = new ClassificationTask().Summary;
        var at = new TrainingProgress(
            300, 300, 12_345, 23_456, 12.3456, 0.987, 1e-3, 12_345.6, TimeSpan.FromHours(123.4), 0.01, null, false, task);
        var ended = new EpochRecord(300, 12.3456, 12.3456, 1, 1e-3, 1);
        foreach (int folds in new[] { 0, 5 })
        {
            var fold = at with { Fold = folds, Folds = folds };
            view.Report(fold);
            view.Report(fold with { Validating = new EvaluationProgress(500, 1000) });
            if (width >= 80) view.Report(fold with { Ended = ended, IsBest = true });
            view.Report(fold with { Reading = new EvaluationProgress(500, 10_000_000) });
        }

        terminal.EndProgress();
        string text = error.ToString();
        Assert.All(text.Split('\n', '\r'), line => Assert.True(line.Length <= width, $"{line.Length}: {line}"));
        Assert.Contains("validating on 1,000 images", text, StringComparison.Ordinal);
        Assert.Matches(@"epoch 300/300 \[#*\.+\]  52 %", text);
        if (width >= 80) Assert.Contains("epoch 300/300  loss 12.3456  ", text, StringComparison.Ordinal);
    }

    private string[] Words(int epochs) =>
    [
        "train", _data, "-a", "mobilenet_v3_small", "--resolution", "32", "--batch-size", "8", "--epochs", $"{epochs}",
    ];

    /// <summary>Asks to stop at a line.</summary>
    private sealed class StoppingWriter(string at, CancellationTokenSource stopping) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains(at, StringComparison.Ordinal) == true) stopping.Cancel();
        }
    }
}
