using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Training under <c>mpiexec</c>, as a user starts it: processes of their own.</summary>
public sealed class DistributedTrainingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("effnet-mpi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Losses_on_several_processes_are_those_of_one(int processes)
    {
        SkipWithoutMpi();
        string data = DrawImages();
        string[] words = ["train", data, "--resolution", "40", "--batch-size", "10", "--epochs", "2", "--optimizer", "sgdnesterov",
            "--learning-rate", "0.0005"];

        var one = Train(1, Path.Combine(_folder, "one"), words);
        var several = Train(processes, Path.Combine(_folder, "several"), words);

        Assert.Equal((0, 0), (one.Code, several.Code));
        double[] expected = Losses(one.Folder), actual = Losses(several.Folder);
        Assert.Equal(4, expected.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4);
        // One line per epoch, from the first process alone.
        Assert.Single(several.Error.Split('\n'), line => line.StartsWith("epoch   1/2", StringComparison.Ordinal));
        Assert.Single(several.Output.Split('\n'), line => line.StartsWith("top-1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_dies_ends_the_job_with_a_message_and_the_run_goes_on_later()
    {
        SkipWithoutMpi();
        string data = DrawImages(), folder = Path.Combine(_folder, "run");
        string[] words = ["train", data, "--resolution", "40", "--batch-size", "10", "--epochs", "200", "--optimizer", "sgdnesterov",
            "--learning-rate", "0.0005"];
        using var job = Start(2, folder, words);
        var output = job.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = job.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        WaitFor(() => File.Exists(Path.Combine(folder, "checkpoint.safetensors")) || job.HasExited);

        Process.GetProcessById(SecondRankOf(job.Id)).Kill();

        string said = await output + await error;
        await job.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("APPLICATION", said, StringComparison.Ordinal);
        int done = Epochs(folder);
        Assert.InRange(done, 1, 199);

        // A run is bound to its recipe, so this one is not waited for to its end but only for an epoch more.
        using var resumed = Start(2, folder, [.. words, "--resume"]);
        _ = resumed.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var resumedError = resumed.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        WaitFor(() => resumed.HasExited || Epochs(folder) > done);
        Assert.False(resumed.HasExited, resumed.HasExited ? await resumedError : "");
        resumed.Kill(entireProcessTree: true);
        await resumed.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(Epochs(folder) > done);
    }

    [Fact]
    public void What_is_wrong_is_said_in_a_line_and_ends_all_processes()
    {
        SkipWithoutMpi();
        var result = Train(2, Path.Combine(_folder, "run"), ["train", Path.Combine(_folder, "nothing")]);

        Assert.NotEqual(0, result.Code);
        Assert.Contains("effnet: process 0 of 2:", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static void SkipWithoutMpi()
    {
        bool there = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "mpiexec")));
        Assert.SkipUnless(there, "mpiexec is not installed; on Debian or Ubuntu: apt-get install -y mpich");
    }

    private static (int Code, string Folder, string Output, string Error) Train(int processes, string folder, string[] words)
    {
        using var job = Start(processes, folder, words);
        var error = job.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = job.StandardOutput.ReadToEnd();
        Assert.True(job.WaitForExit(TimeSpan.FromMinutes(2)));
        return (job.ExitCode, folder, output, error.GetAwaiter().GetResult());
    }

    // The tool beside the tests, with the tests' list of dependencies, which knows where libtorch is.
    private static Process Start(int processes, string folder, string[] words)
    {
        string here = AppContext.BaseDirectory;
        var start = new ProcessStartInfo("mpiexec") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])["-n", processes.ToString(CultureInfo.InvariantCulture), "dotnet", "exec",
            "--depsfile", Path.Combine(here, "EfficientNetSharp.Cli.Tests.deps.json"), "--runtimeconfig",
            Path.Combine(here, "effnet.runtimeconfig.json"),
            Path.Combine(here, "effnet.dll"), .. words, "-o", folder, "--threads", "1", "--workers", "1"])
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start)!;
    }

    private static void WaitFor(Func<bool> condition)
    {
        while (!condition()) TestContext.Current.CancellationToken.WaitHandle.WaitOne(20);
    }

    // MPICH's process manager starts a proxy, which starts the ranks and tells them their numbers.
    private static int SecondRankOf(int job) => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .First(id => IsBelow(id, job) && VariablesOf(id).Contains("PMI_RANK=1")
            && File.ReadAllText($"/proc/{id}/comm").StartsWith("dotnet", StringComparison.Ordinal));

    private static bool IsBelow(int id, int ancestor)
    {
        try
        {
            while (id > 1)
            {
                if (id == ancestor) return true;
                id = int.Parse(File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..],
                    CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }

        return false;
    }

    private static string[] VariablesOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int Epochs(string folder)
    {
        string history = Path.Combine(folder, "history.csv");
        return File.Exists(history) ? File.ReadAllLines(history).Length - 1 : 0;
    }

    private static double[] Losses(string folder) =>
    [
        .. File.ReadLines(Path.Combine(folder, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("step", out _)).Select(line => line.GetProperty("step").GetProperty("loss").GetDouble()),
    ];

    // Two classes that differ in colour; 20 images to train on and 6 to validate.
    private string DrawImages()
    {
        const int side = 40;
        string root = Path.Combine(_folder, "images");
        foreach (var (part, count) in new[] { ("train", 10), ("val", 3) })
        {
            foreach (var (name, channel) in new[] { ("blue", 2), ("red", 0) })
            {
                string folder = Directory.CreateDirectory(Path.Combine(root, part, name)).FullName;
                for (int i = 0; i < count; i++)
                {
                    var random = new SeededRandom((ulong)channel, (ulong)i, (ulong)count);
                    var rgb = new byte[side * side * 3];
                    for (int at = 0; at < rgb.Length; at++) rgb[at] = (byte)(random.NextInt(160) + (at % 3 == channel ? 95 : 0));
                    File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageEncoder.EncodePng(rgb, side, side));
                }
            }
        }

        return root;
    }
}
