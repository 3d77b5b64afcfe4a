using System.Text.Json.Nodes;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>Every command that reads images names what it left out, to people and to programs.</summary>
public sealed class LeftOutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_was_left_out_is_named_by_every_command()
    {
        string data = TwoClasses.Write(Path.Combine(_root, "images")), run = Path.Combine(_root, "run"),
            model = Path.Combine(run, "model.safetensors"), output = Path.Combine(_root, "out");
        Directory.CreateDirectory(Path.Combine(data, "dark", "@eaDir"));
        for (int i = 0; i < 7; i++) File.WriteAllText(Path.Combine(data, "dark", $"IMG_{i}.HEIC"), "x");
        File.WriteAllText(Path.Combine(data, "dark", "notes.txt"), "x");
        string[] train =
        [
            "train", data, "-o", run, "-a", "mobilenet_v3_small", "--resolution", "32", "--epochs", "1", "--batch-size", "8", "--no-flip",
        ];
        string[][] commands =
        [
            train, ["data", "inspect", data, "--near", "-1"], ["data", "inspect", data, "--near", "-1", "--json"],
            ["evaluate", model, data], ["evaluate", model, data, "--json"], ["predict", model, data], ["predict", model, data, "--json"],
            ["embed", model, data, "-o", output + ".npy"], ["embed", model, data, "--json"],
            ["cam", model, data, "-o", output, "--method", "grad-cam"],
            ["cam", model, data, "-o", output, "--method", "grad-cam", "--json"],
        ];
        foreach (string[] words in commands)
        {
            var (code, text, error) = Run(words);
            string command = string.Join(' ', words);
            Assert.True(code == 0, $"{command}: {error}");
            Assert.Contains("Left out 7 images of formats that are not read (.heic)", error, StringComparison.Ordinal);
            Assert.Contains("IMG_0.HEIC'", error, StringComparison.Ordinal);
            Assert.Contains("and 2 more", error, StringComparison.Ordinal);
            Assert.Contains("notes.txt'", error, StringComparison.Ordinal);
            Assert.Contains("@eaDir/'", error, StringComparison.Ordinal);
            if (words[^1] != "--json") continue;
            var json = JsonNode.Parse(text)!;
            string[] reasons = json is JsonArray entries
                ? [.. entries.Where(entry => entry!["leftOut"] is not null).Select(entry => entry!["leftOut"]!.GetValue<string>())]
                : [.. json["leftOut"]!.AsArray().SelectMany(one => Enumerable.Repeat(one!["reason"]!.GetValue<string>(),
                    one["names"]!.AsArray().Count))];
            Assert.Equal(["notImage", .. Enumerable.Repeat("otherFormat", 7), "hidden"], reasons);
        }
    }

    [Fact]
    public void Images_that_cannot_be_read_are_named_by_evaluate()
    {
        string data = TwoClasses.Write(Path.Combine(_root, "images")), run = Path.Combine(_root, "run");
        Assert.Equal(0, Run(
            "train", data, "-o", run, "-a", "mobilenet_v3_small", "--resolution", "32", "--epochs", "1", "--batch-size", "8").Code);
        File.WriteAllText(Path.Combine(data, "dark", "0.png"), "");
        var (code, text, error) = Run("evaluate", Path.Combine(run, "model.safetensors"), data, "--json");
        Assert.Equal(0, code);
        Assert.Contains("Left out 1 image that cannot be read: 'dark/0.png'", error, StringComparison.Ordinal);
        var left = Assert.Single(JsonNode.Parse(text)!["leftOut"]!.AsArray())!;
        Assert.Equal(("unreadable", "dark/0.png"), (left["reason"]!.GetValue<string>(), left["names"]![0]!.GetValue<string>()));
    }
}
