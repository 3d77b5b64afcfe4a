using System.Text.Json.Nodes;

namespace EfficientNetSharp.Cli.Tests;

public sealed class PaperTableCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("papertables").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Table_2_has_counts_beside_the_papers_numbers()
    {
        string folder = Path.Combine(_root, "table2");
        var (code, output, _) = Tool.Run("report", "table2", "-o", folder, "--json");
        Assert.Equal(0, code);
        var rows = JsonNode.Parse(output)!["rows"]!.AsArray();
        var resnet = rows.Single(row => (string?)row!["architecture"] == "resnet152")!;
        Assert.Equal(("EfficientNet-B1", 7.6, 60_192_808),
            ((string?)resnet["group"], (double)resnet["paperParameterRatio"]!, (long)resnet["parameters"]!));
        Assert.InRange((double)resnet["parameterRatio"]!, 7.7, 7.8);
        Assert.NotEmpty(resnet["published"]!.AsArray());
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));

        string[] lines = Tool.Run("report", "table2", "-o", folder, "--csv").Output.TrimEnd().Split('\n');
        Assert.Equal(rows.Count + 1, lines.Length);
        Assert.StartsWith("group,network,architecture,paperTop1", lines[0], StringComparison.Ordinal);
        Assert.Equal(2, Tool.Run("report", "table2", "-o", folder, "--csv", "--json").Code);
    }

    [Fact]
    public void Table_5_takes_results_of_evaluate_and_refuses_other_files()
    {
        string folder = Path.Combine(_root, "table5"), result = Path.Combine(_root, "result.json");
        var classes = new JsonArray([.. Enumerable.Range(0, 37).Select(i => new JsonObject { ["name"] = $"{i}" })]);
        File.WriteAllText(result, new JsonObject
        {
            ["count"] = 3369, ["top1"] = 0.9, ["classes"] = classes, ["model"] = "runs/pets/model.safetensors", ["data"] = "oxford-pets",
        }.ToJsonString());
        var (code, output, _) = Tool.Run("report", "table5", result, "-o", folder, "--json");
        Assert.Equal(0, code);
        var own = JsonNode.Parse(output)!["rows"]!.AsArray().Single(row => (string?)row!["from"] == "own")!;
        Assert.Equal(("Oxford-IIIT Pets", true, 90), ((string?)own["set"], (bool)own["isTestPart"]!, (double)own["top1"]!));
        Assert.Contains("90.0 %", Tool.Run("report", "table5", result, "-o", folder).Output, StringComparison.Ordinal);

        File.WriteAllText(result, "[1]");
        var (failed, _, error) = Tool.Run("report", "table5", result, "-o", folder);
        Assert.Equal(2, failed);
        Assert.Contains("result.json' is no result of an evaluation", error, StringComparison.Ordinal);
    }
}
