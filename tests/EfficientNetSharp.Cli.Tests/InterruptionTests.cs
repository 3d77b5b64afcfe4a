using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Signals, pipes and devices: a command ends when it is told to, and waits for nothing that may never come.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signals").FullName;

    public InterruptionTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes with names and signals are POSIX's.");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_training_ends_by_a_signal_with_a_checkpoint_and_goes_on(string signal, int expected)
    {
        Shell.SkipWhereIgnored(signal);
        string run = Path.Combine(_root, "run");
        string[] words = ["train", TwoClasses.Write(Path.Combine(_root, "images")), "-o", run, "--resolution", "32", "--batch-size", "4",
            "-a", "mobilenetv3_small_100", "--threads", "1", "--epochs"];
        using var process = Shell.Effnet([.. words, "2000"]);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!File.Exists(Path.Combine(run, "history.csv")) && !process.HasExited) Thread.Sleep(20);
        // Meanwhile nobody else may train there.
        var second = Tool.Run([.. words, "2000", "--resume"]);
        Assert.Equal(2, second.Code);
        Assert.Contains($"process {process.Id} of {Environment.UserName}", Assert.Single(second.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Shell.Run($"kill -{signal} {process.Id}");
        Assert.Equal(expected, Shell.WaitFor(process));
        string said = await error;
        Assert.Contains("Interrupted", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "checkpoint.safetensors")));
        // That it is the way to go on says the folder, which holds a run.
        Assert.Contains("--resume", Tool.Run([.. words, "2000"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    // Standard output is a pipe that is full and that nobody reads.
    [InlineData("{0} list --json --verbose > pipe", "TERM", 143)]
    [InlineData("{0} list --json --verbose > pipe", "INT", 130)]
    // Steps of libtorch that take longer than anybody waits.
    [InlineData("{0} benchmark efficientnet_b7 --backend torch --batch-size 64 --rounds 1000", "TERM", 143)]
    public void What_cannot_be_asked_to_stop_is_ended(string command, string signal, int expected)
    {
        Shell.SkipWhereIgnored(signal);
        // The pipe is held open by the shell for reading, so that nobody finds it closed, and filled.
        string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, command, $"dotnet '{Shell.Dll}'");
        var (_, output, _) = Shell.Run(
            $"cd '{_root}'; mkfifo pipe; exec 3<>pipe; timeout 1 cat /dev/zero >&3; " +
            $"set -m; {line} & p=$!; sleep 5; kill -{signal} $p; wait $p; echo $?");
        Assert.Equal(expected.ToString(System.Globalization.CultureInfo.InvariantCulture), output.Trim().Split('\n')[^1]);
    }

    [Theory]
    [InlineData("predict {0} {1}")]
    [InlineData("predict {1} {0}")]
    [InlineData("embed {0} {1}")]
    [InlineData("cam {0} {1}")]
    [InlineData("describe {1}")]
    [InlineData("evaluate {1} {2}")]
    [InlineData("import {1} -o {3}/x.safetensors")]
    [InlineData("export {1} -o {3}/x.onnx")]
    [InlineData("run {0} --input {1} --output {3}/x.npy")]
    [InlineData("run {1} --input {0} --output {3}/x.npy")]
    [InlineData("train {2} --from {1} -o {3}/run")]
    [InlineData("train {2} --recipe {1} -o {3}/run")]
    [InlineData("train {2} -a {1} -o {3}/run")]
    [InlineData("train {1} -o {3}/run")]
    [InlineData("data inspect {1}")]
    [InlineData("data augment {1} -o {3}/x.png")]
    [InlineData("import {0} --class-names {1} -o {3}/x.safetensors")]
    [InlineData("benchmark {1}")]
    public void A_pipe_or_a_device_in_a_file_s_place_is_refused_and_not_waited_for(string line)
    {
        string model = Path.Combine(_root, "model.safetensors");
        ModelFile.Save(PlantedModel.Create(), model);
        string data = TwoClasses.Write(Path.Combine(_root, "images"));
        foreach (string ending in new[] { ".png", ".safetensors", ".onnx", ".json", ".csv", ".parquet", ".tar", ".tfrecord" })
        {
            string pipe = Path.Combine(_root, "pipe" + ending), zero = Path.Combine(_root, "zero" + ending);
            Shell.Run($"mkfifo '{pipe}'; ln -s /dev/zero '{zero}'");
            foreach (string special in new[] { pipe, zero, "/dev/random" })
            {
                string[] words = [.. line.Split(' ').Select(word =>
                    string.Format(System.Globalization.CultureInfo.InvariantCulture, word, model, special, data, _root))];
                var (code, _, error) = Hurried(words);
                string said = $"{string.Join(' ', words)}\n{error}";
                Assert.True(code is 1 or 2, said);
                Assert.Single(error.Trim().Split('\n'), text => text.StartsWith("effnet:", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("list | head -1")]
    [InlineData("list --json | head -1")]
    [InlineData("describe efficientnet_b0 | head -1")]
    [InlineData("report models -o models.md | true")]
    public void Output_that_nobody_reads_any_more_is_no_error(string words)
    {
        var (_, _, error) = Shell.Run($"cd '{_root}'; dotnet '{Shell.Dll}' {words}");
        Assert.Empty(error);
    }

    // In this process, on a thread of its own: one that hangs is left behind.
    private static (int Code, string Output, string Error) Hurried(string[] words)
    {
        var done = Task.Factory.StartNew(
            () => Tool.Run(words), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(done.Wait(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken), $"It hangs: {string.Join(' ', words)}");
        return done.Result;
    }
}
