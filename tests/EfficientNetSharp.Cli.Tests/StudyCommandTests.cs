using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Commands;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Trials;
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
    public void Strategies_keep_the_networks_that_they_were_begun_with()
    {
        string study = Path.Combine(_folder, "strategies"), images = TwoClasses.Write(Path.Combine(_folder, "images"));
        string[] words = ["study", "strategies", images, .. Quick, "--factor", "2", "-o", study];
        // Measured times are never twice the same; the second call takes those of the first.
        Ok([.. words, "--shard", "1/50"]);
        string begun = File.ReadAllText(Path.Combine(study, "study.json"));
        Ok([.. words, "--shard", "1/50"]);
        Assert.Equal(begun, File.ReadAllText(Path.Combine(study, "study.json")));
        var points = JsonNode.Parse(begun)!["study"]!["strategies"]!["points"]!.AsArray();
        Assert.Equal(9, points.Count);
        Assert.All(points, point => Assert.True((double)point!["ms"]! > 0));
        Assert.Contains("other than 1", Refused("study", "strategies", images, "--factor", "1", "-o", study), StringComparison.Ordinal);
        Assert.Contains("nothing.json", Refused("study", "strategies", images, "--latency-device", "nothing.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_a_folder_or_a_proxy()
    {
        Assert.Contains("found neither", Refused("study", "fig3"), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "images"));
        Assert.Contains("found both", Refused("study", "fig3", Path.Combine(_folder, "images"), "--proxy", "digits"), StringComparison.Ordinal);
        Assert.Contains("no study.json", Refused("study", "report", _folder), StringComparison.Ordinal);
        Assert.Contains("or --dry-run", Refused("study", "imagenet"), StringComparison.Ordinal);
        // Each of its studies can be begun.
        var imagenet = new StudyDataInfo("ImageNet", "", 1000, 1_000_000, 25_000, 50_000);
        foreach (var kind in ImageNetStudyCommand.Kinds)
            Assert.NotEmpty(Study.Of(ImageNetStudyCommand.SettingsOf(kind, imagenet, "cpu")).Trials(new Dictionary<string, TrialResult>()));
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
    public void A_replacement_is_shown_begun_and_reported()
    {
        string study = Path.Combine(_folder, "replace"), images = WriteIdentities(Path.Combine(_folder, "people"), 8, 3);
        const string product = "mobilenetv3_small_100:head=gdc,features=16", candidate = "mobilenetv3_small_100:head=pooled,features=16";
        string[] words =
        [
            "study", "replace", images, "--product", product, "--candidate", candidate, "--distill", "--resolution", "32", "--epochs", "1", "--steps", "1",
            "--precisions", "int8", "--calibration-images", "4", "-o", study,
        ];
        var plan = JsonNode.Parse(Ok([.. words, "--dry-run", "--json"]))!;
        Assert.Equal((3, 3), ((int)plan["trials"]!, (int)plan["left"]!));
        var result = JsonNode.Parse(Ok([.. words, "--json"]))!;
        Assert.Equal(3, (int)result["done"]!);
        Assert.NotEmpty(result["remarks"]!.AsArray());
        Assert.All(result["files"]!.AsArray(), file => Assert.True(File.Exists((string)file!)));
        string table = File.ReadAllText(Path.Combine(study, "table.csv")), lines = File.ReadAllText(Path.Combine(study, "trials.jsonl"));
        // A head, and each of three in floats and 8 bits.
        Assert.Equal(7, table.Count(c => c == '\n'));

        // What is asked of a replacement changes the page and no trial.
        Assert.Contains("Nothing that was tried takes 0.01 ms or less", Ok([.. words, "--limit", "0.01ms"]), StringComparison.Ordinal);
        Assert.Contains("Nothing that was tried takes 0.01 ms or less", Ok(["study", "report", study]), StringComparison.Ordinal);
        Assert.Equal((table, lines), (File.ReadAllText(Path.Combine(study, "table.csv")), File.ReadAllText(Path.Combine(study, "trials.jsonl"))));
    }

    [Fact]
    public void A_replacement_that_cannot_be_is_refused()
    {
        string images = WriteIdentities(Path.Combine(_folder, "people"), 8, 3);
        string[] words = ["study", "replace", images, "-o", Path.Combine(_folder, "replace")];
        Assert.Contains("folder of images for each identity", Refused("study", "replace"), StringComparison.Ordinal);
        Assert.Contains("ends in a classifier", Refused([.. words, "--candidate", "efficientnet_b0"]), StringComparison.Ordinal);
        Assert.Contains("float, int8, int16, mixed", Refused([.. words, "--precisions", "float,int4"]), StringComparison.Ordinal);
        Assert.Contains("leave it out", Refused([.. words, "--few", "--limit", "15ms@rv1126:int16"]), StringComparison.Ordinal);
        Assert.Contains("no device", Refused([.. words, "--few", "--limit", "15ms@rv9"]), StringComparison.Ordinal);
        Assert.Contains("recipe is for a classifier", Refused([.. words, "--few", "--recipe", "small_data"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_names_what_is_trained() => Assert.Contains("mobilenetv1_100, mobilenet_v2, resnet50, efficientnet_b0", Ok(["study", "list"]), StringComparison.Ordinal);

    private static string WriteIdentities(string folder, int identities, int each)
    {
        const int side = 16;
        for (int i = 0; i < identities * each; i++)
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, $"p{i / each}")).FullName;
            var random = new SeededRandom(1, (ulong)i);
            var rgb = new byte[side * side * 3];
            foreach (ref byte value in rgb.AsSpan()) value = (byte)((20 * (i / each)) + random.NextInt(90));
            File.WriteAllBytes(Path.Combine(own, $"{i}.png"), ImageEncoder.EncodePng(rgb, side, side));
        }

        return folder;
    }

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
