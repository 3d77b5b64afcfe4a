using System.Diagnostics;
using System.Text.Json.Nodes;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>A run, and the tool itself, used from another place than the one where they were made.</summary>
public sealed class ElsewhereTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("elsewhere").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_run_is_repeated_from_anywhere_and_where_it_moved_with_its_data()
    {
        string home = Path.Combine(_root, "home"), away = Path.Combine(_root, "away");
        TwoClasses.Write(Path.Combine(home, "images"));
        string[] words = ["--epochs", "1", "--batch-size", "4", "--threads", "1"];
        await RunIn(home, ["train", "images", "-o", "runs/first", "-a", "mobilenetv3_small_100", "--resolution", "32", .. words]);
        await RunIn(home, ["train", "images", "-o", "runs/tuned", "--from", "runs/first/model.safetensors", .. words]);

        string tuned = Path.Combine(home, "runs", "tuned");
        var description = JsonNode.Parse(File.ReadAllText(Path.Combine(tuned, "run.json")))!;
        Assert.Equal(Path.Combine(home, "images"), description["data"]!.GetValue<string>());
        Assert.Equal("../../images", description["dataFromRun"]!.GetValue<string>());
        Assert.Equal("../first/model.safetensors", description["from"]!["pathFromRun"]!.GetValue<string>());
        AssertRepeats(tuned);

        Directory.Move(home, away);
        AssertRepeats(Path.Combine(away, "runs", "tuned"));

        Directory.Move(Path.Combine(away, "images"), Path.Combine(_root, "gone"));
        var (code, _, error) = Run("train", "--repeat", Path.Combine(away, "runs", "tuned"), "-o", Path.Combine(_root, "never"));
        Assert.Equal(2, code);
        Assert.Contains($"The run's data are expected at '{Path.Combine(home, "images")}'", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("effnet")]
    [InlineData("bin/effnet", "bin/effnet>ROOT/effnet")]
    [InlineData("bin/effnet", "bin/effnet>../effnet")]
    [InlineData("my bin/e", "my bin/e>../a/b/c", "a/b/c>../../links/-d", "links/-d>ROOT/effnet")]
    [InlineData("folder/effnet", "folder>.")]
    [InlineData("deep/link/effnet", "deep/link>../bin", "bin/effnet>../effnet")]
    public async Task The_launcher_finds_its_sources_through_links(string start, params string[] links)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The launcher is a shell's script.");
        string root = Path.Combine(_root, "the tool");
        string dll = Path.Combine(root, "src", "EfficientNetSharp.Cli", "bin", "Release", "net10.0", "effnet.dll");
        foreach (string folder in new[] { "eng", "recipes", "fake" }) Directory.CreateDirectory(Path.Combine(root, folder));
        Directory.CreateDirectory(Path.GetDirectoryName(dll)!);
        File.Copy(Path.Combine(Repository.Root, "effnet"), Path.Combine(root, "effnet"));
        Write(Path.Combine(root, "Directory.Build.props"), "");
        // What stands for dotnet says what it was asked for.
        Write(Path.Combine(root, "fake", "dotnet"), "#!/bin/sh\nfor word in \"$@\"; do echo \"<$word>\"; done\n");
        Write(dll, "");
        foreach (string link in links)
        {
            string[] ends = link.Split('>');
            string from = Path.Combine(root, ends[0]);
            Directory.CreateDirectory(Path.GetDirectoryName(from)!);
            File.CreateSymbolicLink(from, ends[1].Replace("ROOT", root, StringComparison.Ordinal));
        }

        // From the folder of the words too, where CDPATH would lead away.
        foreach (string word in new[] { Path.Combine(root, start), start })
        {
            var info = new ProcessStartInfo("bash") { WorkingDirectory = root };
            foreach (string argument in new[] { word, "predict", "a b" }) info.ArgumentList.Add(argument);
            info.Environment["PATH"] = $"{Path.Combine(root, "fake")}:{info.Environment["PATH"]}";
            info.Environment["CDPATH"] = _root;
            var (code, output, error) = await End(info);
            Assert.Equal((0, "", $"<{dll}>\n<predict>\n<a b>\n"), (code, error, output));
        }
    }

    private void AssertRepeats(string run)
    {
        string again = Directory.CreateDirectory(Path.Combine(_root, Guid.NewGuid().ToString())).FullName;
        var (code, _, error) = Run("train", "--repeat", run, "-o", again);
        Assert.True(code == 0, error);
        byte[][] models = [.. new[] { run, again }.Select(folder => File.ReadAllBytes(Path.Combine(folder, "model.safetensors")))];
        Assert.Equal(models[0], models[1]);
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }

    // In a process of its own: the folder that it works in is one for all of a process.
    private static async Task RunIn(string folder, string[] words)
    {
        var info = new ProcessStartInfo("dotnet") { WorkingDirectory = folder };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "effnet.dll"));
        foreach (string word in words) info.ArgumentList.Add(word);
        var (code, _, error) = await End(info);
        Assert.True(code == 0, error);
    }

    private static async Task<(int Code, string Output, string Error)> End(ProcessStartInfo info)
    {
        (info.RedirectStandardOutput, info.RedirectStandardError) = (true, true);
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, error);
    }
}
