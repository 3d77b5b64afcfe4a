using System.Text.Json.Nodes;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

public sealed class StudyCommandTests : IDisposable
{
    // Nine networks with a tenth of the channels, each for an epoch.
    private static readonly string[] Quick =
        ["--resolution", "32", "--width-scale", "0.1", "--epochs", "1", "--budgets", "1", "--seeds", "1"];

    private readonly string _folder = Directory.CreateTempSubdirectory("study").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_study_is_shown_begun_shared_and_reported()
    {
        string study = Path.Combine(_folder, "fig3"), images = TwoClasses.Write(Path.Combine(_folder, "images"));
        string[] words = ["study", "fig3", images, .. Quick, "-o", study];
        var plan = JsonNode.Parse(Ok([.. words, "--dry-run", "--json"]))!;
        Assert.Equal(9, (int)plan["trials"]!);
        Assert.True((double)plan["hours"]! > 0);
        Assert.False(Directory.Exists(study));

        // The second share, then all that is left.
        Ok([.. words, "--shard", "2/2"]);
        int done = File.ReadAllLines(Path.Combine(study, "trials.jsonl")).Length;
        Assert.InRange(done, 1, 5);
        Assert.True((int)JsonNode.Parse(Ok([.. words, "--dry-run", "--json"]))!["left"]! < (int)plan["left"]!);
        var result = JsonNode.Parse(Ok([.. words, "--json"]))!;
        Assert.Equal(9, (int)result["done"]!);
        Assert.All(result["claims"]!.AsArray(), claim => Assert.Equal("not settled", (string?)claim!["verdict"]));
        Assert.All(result["files"]!.AsArray(), file => Assert.True(File.Exists((string)file!)));

        // Nothing is trained again, and the report is the same.
        string table = File.ReadAllText(Path.Combine(study, "table.csv")), lines = File.ReadAllText(Path.Combine(study, "trials.jsonl"));
        Ok(words);
        Assert.Contains("not settled", Ok(["study", "report", study]), StringComparison.Ordinal);
        Assert.Equal((table, lines), (File.ReadAllText(Path.Combine(study, "table.csv")), File.ReadAllText(Path.Combine(study, "trials.jsonl"))));

        // Another study does not go into its folder.
        var (code, _, error) = Run(["study", "grid", images, .. Quick, "-o", study]);
        Assert.Equal(2, code);
        Assert.Contains("holds a study 'fig3'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_a_folder_or_a_proxy()
    {
        Assert.Contains("found neither", Refused("study", "fig3"), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "images"));
        Assert.Contains("found both", Refused("study", "fig3", Path.Combine(_folder, "images"), "--proxy", "digits"), StringComparison.Ordinal);
        Assert.Contains("no study.json", Refused("study", "report", _folder), StringComparison.Ordinal);
        Assert.Contains("or --dry-run", Refused("study", "imagenet"), StringComparison.Ordinal);
        Assert.Contains("cannot be halved", Refused("study", "fig3", "--proxy", "digits", "--epochs", "2", "--budgets", "3"), StringComparison.Ordinal);
        Assert.Contains("2/8", Refused("study", "fig3", "--proxy", "digits", "--shard", "9/8"), StringComparison.Ordinal);
        Assert.Contains("leave one out", Refused("study", "search", "--proxy", "digits", "--target-macs", "2M", "--target-latency", "2ms"), StringComparison.Ordinal);
    }

    [Fact]
    public void Digits_are_at_hand_without_files()
    {
        var plan = JsonNode.Parse(Ok(["study", "fig3", "--proxy", "digits", .. Quick, "-o", Path.Combine(_folder, "digits"), "--dry-run", "--json"]))!;
        Assert.Equal("baseline", (string?)plan["networks"]![0]!["series"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void The_list_names_what_is_trained() => Assert.Contains("mobilenetv1_100, mobilenet_v2, resnet50, efficientnet_b0", Ok(["study", "list"]), StringComparison.Ordinal);

    private static string Ok(string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.True(code == 0, error);
        return output;
    }

    private static string Refused(params string[] words)
    {
        var (code, output, error) = Run(words);
        Assert.Equal((2, ""), (code, output));
        return error;
    }
}
