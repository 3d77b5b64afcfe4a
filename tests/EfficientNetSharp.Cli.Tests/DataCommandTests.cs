using System.Text.Json.Nodes;
using EfficientNetSharp.Data;
using EfficientNetSharp.Imaging.Codecs;
using static EfficientNetSharp.Cli.Tests.Tool;

namespace EfficientNetSharp.Cli.Tests;

/// <summary><c>effnet data</c>, as it is typed.</summary>
public sealed class DataCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_list_has_every_set_with_its_sizes()
    {
        var rows = JsonNode.Parse(Run("data", "list", "--json").Output)!.AsArray();
        Assert.Equal(PublishedDatasets.All.Select(set => set.Name), rows.Select(row => row!["name"]!.GetValue<string>()));
        Assert.Equal(6149, rows.Single(row => row!["name"]!.GetValue<string>() == "flowers102")!["test"]!.GetValue<int>());
        string table = Run("data", "list").Output;
        Assert.All(PublishedDatasets.All, set => Assert.Contains($" {set.Name} ", table, StringComparison.Ordinal));
    }

    [Fact]
    public void Inspecting_names_leaks_and_broken_images_and_draws_a_sheet()
    {
        Save("train/ant/1.png", 10);
        Save("train/bee/2.png", 20);
        Save("val/ant/same.png", 10);
        File.WriteAllText(Path.Combine(_root, "data/val/ant/bad.png"), "x");
        string sheet = Path.Combine(_root, "sheet.png");
        var (code, output, error) = Run("data", "inspect", Path.Combine(_root, "data"), "-o", sheet, "--near", "-1");
        Assert.Equal(0, code);
        Assert.Contains("leak (equal files in several parts): train/ant/1.png = val/ant/same.png", output, StringComparison.Ordinal);
        Assert.Contains("broken: val/ant/bad.png: Expected", output, StringComparison.Ordinal);
        Assert.Contains(
            "1 broken, 1 equal to another, 0 groups of near-duplicates, 1 groups in several parts, 0 groups of different classes", output,
            StringComparison.Ordinal);
        Assert.Contains("sheet.png, all classes", error, StringComparison.Ordinal);
        using (var image = ImageDecoder.DecodeFile(sheet)) Assert.Equal(2 * (22 + 96 + 14), image.Height);

        var json = JsonNode.Parse(Run("data", "inspect", Path.Combine(_root, "data"), "--json", "--near", "-1").Output)!;
        Assert.Equal(2, json["parts"]![1]!["classCounts"]![0]!.GetValue<int>());
        Assert.True(json["duplicates"]![0]!["leak"]!.GetValue<bool>());
        Assert.Equal("ant/bad.png", json["broken"]![0]!["image"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("data get nothing", "cifar10")]
    [InlineData("data get imagenet", "--from")]
    [InlineData("data get pets --from /no/such/folder", "/no/such/folder")]
    [InlineData("data inspect /no/such/folder", "/no/such/folder")]
    [InlineData("data inspect . --near 12", "-1 to 11")]
    public void Wrong_words_get_one_line_and_exit_code_2(string line, string named)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        string last = error.Trim().Split('\n')[^1];
        Assert.StartsWith("effnet: ", last, StringComparison.Ordinal);
        Assert.Contains(named, last, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_without_the_archives_names_what_to_put_there_after_size_and_terms()
    {
        var (code, output, error) =
            Run("data", "get", "pets", "--from", _root, "-o", Path.Combine(_root, "pets"), "--cache", Path.Combine(_root, "cache"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("811 MB", error, StringComparison.Ordinal);
        Assert.Contains("CC BY-SA 4.0", error, StringComparison.Ordinal);
        Assert.Contains("images.tar.gz", error, StringComparison.Ordinal);
    }

    private void Save(string name, byte grey)
    {
        byte[] rgb = [.. Enumerable.Range(0, 8 * 8 * 3).Select(i => (byte)(grey + i))];
        string path = Path.Combine(_root, "data", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ImageEncoder.EncodePng(rgb, 8, 8));
    }
}
