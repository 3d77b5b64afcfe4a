using System.Diagnostics;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet train</c>: recipes, transfer, repeating, and faults, as they are typed.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("train").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("train . --recipe imagenet_tpo", "'imagenet_tpu'")]
    [InlineData("train . --freeze trunk", "trunk")]
    [InlineData("train . --device cuda:x", "cuda:x")]
    [InlineData("train", "folder of images")]
    [InlineData("train . --repeat /nowhere", "--repeat")]
    [InlineData("train --repeat /nowhere", "/nowhere")]
    [InlineData("train . --from /nowhere.pth", "/nowhere.pth")]
    [InlineData("train . --schedule zigzag", "zigzag")]
    [InlineData("train . --accumulate 20", "accumulation")]
    [InlineData("train . --augment rand-m9-z", "rand-m9-z")]
    [InlineData("train . --recipe finetune --resolution 32", "take a recipe for training from scratch, or")]
    [InlineData("train . --fixed-statistics --resolution 32", "--fixed-statistics false")]
    [InlineData("study strategies . --recipe finetune", "'effnet study strategies' draws all weights")]
    [InlineData("study grid . --recipe finetune --dry-run", "such as small_data")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line, string named)
    {
        // A folder with two classes, so that only the words are at fault.
        string[] words = [.. line.Split(' ').Select(word => word == "." ? WriteImages() : word)];
        var (code, output, error) = Run([.. words, "-o", Path.Combine(_root, "never")]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'), text => text.StartsWith("effnet:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_is_repeated_from_its_folder_to_the_same_weights()
    {
        string data = WriteImages(), first = Path.Combine(_root, "first"), second = Path.Combine(_root, "second");
        Assert.Equal(0, Run(
            "train", data, "-o", first, "--resolution", "32", "--epochs", "2", "--batch-size", "4", "--seed", "8", "--optimizer", "lamb",
            "--learning-rate", "0.01",
            "--mixup", "0.2", "--augment", "rand-m5-n1", "--minival", "0.3", "--threads", "1").Code);
        Assert.Equal(0, Run("train", "--repeat", first, "-o", second).Code);
        foreach (string name in new[] { "model.safetensors", "checkpoint.safetensors", "recipe.json", "run.json", "history.csv",
            "log.jsonl" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(first, name)), File.ReadAllBytes(Path.Combine(second, name)));

        var environment = JsonNode.Parse(File.ReadAllText(Path.Combine(first, "environment.json")))!.AsObject();
        Assert.Equal(1, environment["threads"]!.GetValue<int>());
        Assert.DoesNotContain(Environment.UserName + "@", environment.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{Environment.MachineName}\"", environment.ToJsonString(), StringComparison.Ordinal);

        // An image more, and it is not the same run any more.
        File.Copy(Directory.EnumerateFiles(Path.Combine(data, "dark")).First(), Path.Combine(data, "dark", "more.png"));
        var (code, _, error) = Run("train", "--repeat", first, "-o", Path.Combine(_root, "third"));
        Assert.Equal(2, code);
        Assert.Contains("images", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_starts_from_a_model_with_its_network_size_and_statistics()
    {
        string data = WriteImages(), first = Path.Combine(_root, "first"), second = Path.Combine(_root, "second");
        Assert.Equal(0, Run("train", data, "-o", first, "--resolution", "32", "--epochs", "1", "--batch-size", "4", "-a",
            "mobilenetv3_small_100", "--crop-pct", "1").Code);
        Directory.Move(Path.Combine(data, "dark"), Path.Combine(data, "night"));
        string model = Path.Combine(first, "model.safetensors");
        Assert.Equal(0, Run("train", data, "-o", second, "--from", model, "--epochs", "1", "--probe-epochs", "1", "--batch-size",
            "4").Code);
        var start = ModelFile.Load(model);
        var trained = ModelFile.Load(Path.Combine(second, "model.safetensors"));
        Assert.Equal(start.Architecture!.Name, trained.Architecture!.Name);
        Assert.Equal(ModelJson.Serialize(
            start.Card with { Classes = [], Provenance = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty }),
            ModelJson.Serialize(trained.Card with { Classes = [],
            Provenance = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty }));
        Assert.Equal(["light", "night"], trained.Card.Classes);
        var provenance = trained.Card.Provenance;
        Assert.Equal(("mobilenetv3_small_100", "model.safetensors", "small_data", "finetune", "classification"), (
            provenance["from_name"], provenance["from_file"], provenance["from_recipe_name"], provenance["recipe_name"],
            provenance["task"]));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(model))),
            provenance["from_sha256"]);
        Assert.Equal(start.Card.Provenance["data_fingerprint"], provenance["from_data_fingerprint"]);
        Assert.Equal(0.3, JsonNode.Parse(File.ReadAllText(Path.Combine(second, "recipe.json")))!["learningRateScale"]!.GetValue<double>());
    }

    [Fact]
    public void Unreadable_images_are_named_in_training_and_evaluation_on_the_screen_and_in_the_report()
    {
        string data = Path.Combine(_root, "parts"), run = Path.Combine(_root, "run");
        foreach (string part in new[] { "train", "val", "test" }) TwoClasses.Write(Path.Combine(data, part));
        for (int i = 0; i < 7; i++) File.WriteAllText(Path.Combine(data, "train", "dark", $"no image {i}.png"), "text");
        File.WriteAllBytes(Path.Combine(data, "val", "light", "empty.png"), []);
        byte[] whole = File.ReadAllBytes(Path.Combine(data, "test", "light", "0.png"));
        File.WriteAllBytes(Path.Combine(data, "test", "light", "cut.png"), whole[..(whole.Length / 2)]);
        // One batch, so that none is left over unread.
        var (code, _, error) = Run("train", data, "-o", run, "--resolution", "32", "--epochs", "1", "--batch-size", "31");
        Assert.Equal(0, code);
        string report = File.ReadAllText(Path.Combine(run, "report.html"));
        foreach (string told in new[] { error, report })
        {
            foreach (string name in new[] { "no image 0.png", "empty.png", "cut.png" })
                Assert.Contains(name, told, StringComparison.Ordinal);
        }

        Assert.Contains("training images: Left out 7 images that cannot be read: ", error, StringComparison.Ordinal);
        Assert.Contains("validation images: Left out 1 image ", error, StringComparison.Ordinal);
        Assert.Contains("test images: Left out 1 image ", error, StringComparison.Ordinal);
        Assert.Contains("<title>efficientnet_b0 on the test part of", report, StringComparison.Ordinal);

        string page = Path.Combine(_root, "page.html");
        // All parts have the same images.
        var evaluated = Run(
            "evaluate", Path.Combine(run, "model.safetensors"), data, "--split", "test", "--include-trained", "--json", "--report", page);
        Assert.Equal(0, evaluated.Code);
        var broken = Assert.Single(JsonNode.Parse(evaluated.Output)!["unreadable"]!.AsArray())!;
        Assert.Equal("light/cut.png", broken["name"]!.GetValue<string>());
        foreach (string told in new[] { broken["reason"]!.GetValue<string>(), evaluated.Error, File.ReadAllText(page) })
            Assert.Contains("cut.png", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_replace_a_recipes_values_and_nothing_else()
    {
        string data = WriteImages(), run = Path.Combine(_root, "run"), file = Path.Combine(_root, "mine.json");
        File.WriteAllText(file, """{ "description": "mine", "epochs": 1, "batchSize": 4, "emaDecay": 0.5, "fixedStatistics": true, "schedule": { "kind": "Constant" } }""");
        string[] words = ["train", data, "-o", run, "--recipe", file, "--resolution", "32", "--ema-decay", "0.25", "--fixed-statistics", "false"];
        Assert.Equal(0, Run(words).Code);
        var recipe = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "recipe.json")))!;
        Assert.Equal(0.25, recipe["emaDecay"]!.GetValue<double>());
        Assert.Equal(4, recipe["batchSize"]!.GetValue<int>());
        Assert.False(recipe["fixedStatistics"]!.GetValue<bool>());
        Assert.Equal("Constant", recipe["schedule"]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public void A_training_starts_from_a_trainer_s_checkpoint_and_leaves_its_head_of_another_kind_out()
    {
        string data = WriteImages(), run = Path.Combine(_root, "run"), file = Path.Combine(_root, "tuned.ckpt");
        var architecture = ArchitectureRegistry.Get("mobilenetv3_small_100");
        var graph = architecture.Build(new BuildOptions { Classes = 0 });
        var body = NameMapRegistry.Get("timm").Map(architecture, graph, new HashSet<string>()).Select(parameter =>
            ($"net.body.{parameter.SourceName}", SyntheticWeights.Tensor(parameter.SourceName, parameter.SourceShape, 1, 4)));
        TorchFile.Write(file, [.. body, ("net.top.0.weight", new WeightTensor([4, 1024], new float[4096])),
            ("net.top.1.weight", new WeightTensor([2, 4], new float[8]))]);
        string[] words = ["--from", file, "-a", architecture.Name, "--resolution", "32", "--epochs", "1", "--batch-size", "4"];
        var (code, _, error) = Run(["train", data, "-o", run, .. words]);
        Assert.True(code == 0, error);
        Assert.Contains("note: Left out, as no plain classifier: net.top.0.weight [4, 1024]", error, StringComparison.Ordinal);
        var refused = Run("import", file, "-a", architecture.Name, "-o", Path.Combine(_root, "m.safetensors"));
        Assert.Equal(2, refused.Code);
        Assert.Contains("--classes 0", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_compared_in_a_table_and_a_plot()
    {
        string data = WriteImages(), first = Path.Combine(_root, "plain"), second = Path.Combine(_root, "tuned"),
            report = Path.Combine(_root, "report");
        string[] words = ["--resolution", "32", "--epochs", "1", "--batch-size", "4", "-a", "mobilenetv3_small_100"];
        Assert.Equal(0, Run(["train", data, "-o", first, .. words]).Code);
        Assert.Equal(0, Run("train", data, "-o", second, "--from", Path.Combine(first, "model.safetensors"), "--epochs", "2",
            "--probe-epochs", "1", "--batch-size", "4").Code);
        var (code, output, error) = Run("report", "runs", first, second, "-o", report);
        Assert.Equal(0, code);
        Assert.Contains("| plain | `mobilenetv3_small_100` | scratch | 1 | 1 | ", output, StringComparison.Ordinal);
        Assert.Contains("| tuned | `mobilenetv3_small_100` | model.safetensors | 3 | ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("different images", error, StringComparison.Ordinal);
        Assert.Equal(output, File.ReadAllText(Path.Combine(report, "runs.md")));
        Assert.Equal(2, Run("report", "runs", _root).Code);
    }

    [Fact]
    public void A_full_disk_gets_one_line_and_leaves_the_last_checkpoint_whole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Limits the size of files by the shell's ulimit.");
        string data = WriteImages(), whole = Path.Combine(_root, "whole"), broken = Path.Combine(_root, "broken");
        string[] words = ["train", data, "--resolution", "32", "--epochs", "4", "--batch-size", "4", "-a", "mobilenetv3_small_100",
            "--threads", "1"];
        Assert.Equal(0, Run([.. words, "-o", whole]).Code);
        Stop([.. words, "-o", broken]);
        byte[] checkpoint = File.ReadAllBytes(Path.Combine(broken, "checkpoint.safetensors"));

        // Files may grow to 2 MB, less than a checkpoint: the next one fails in the middle, as on a full disk. By default .NET keeps
        // compiled code in a file in memory, which the limit would end too.
        using var process = Start("bash", "-c",
            $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 2000; exec dotnet '{Dll}' {string.Join(' ', words)} -o '{broken}' --resume");
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("--resume", Assert.Single(error.Split('\n'), line => line.StartsWith("effnet:", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(checkpoint, File.ReadAllBytes(Path.Combine(broken, "checkpoint.safetensors")));
        Assert.Empty(Directory.EnumerateFiles(broken, ".*.tmp"));

        Assert.Equal(0, Run([.. words, "-o", broken, "--resume"]).Code);
        foreach (string name in new[] { "model.safetensors", "checkpoint.safetensors", "history.csv", "log.jsonl" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name)), File.ReadAllBytes(Path.Combine(broken, name)));
    }

    private static string Dll => Path.Combine(AppContext.BaseDirectory, "effnet.dll");

    // Trains until there is a checkpoint, then kills.
    private static void Stop(string[] words)
    {
        using var process = Start(["dotnet", Dll, .. words]);
        string checkpoint = Path.Combine(words[^1], "checkpoint.safetensors");
        while (!File.Exists(checkpoint) && !process.HasExited) Thread.Sleep(10);
        process.Kill();
        process.WaitForExit();
    }

    private static Process Start(params string[] words)
    {
        var start = new ProcessStartInfo(words[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string word in words.AsSpan(1)) start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return process;
    }

    private string WriteImages() => TwoClasses.Write(Path.Combine(_root, "images"));
}
