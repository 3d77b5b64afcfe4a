using System.Xml.Linq;
using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Evaluation.Tests.Reports;

public sealed class RunComparisonTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("runs").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_run_is_a_line_with_its_best_epoch_labelled()
    {
        var comparison = new RunComparison([Run("long", 0.5, null, 0.8, 0.7), Run("short", 0.6, 0.65)]);
        var files = comparison.Write(_root);
        Assert.Equal(["runs.md", "runs.svg"], files.Select(file => Path.GetFileName(file)));
        var svg = XDocument.Load(files[1]).Root!;
        string[] texts = [.. svg.Elements().Where(element => element.Name.LocalName == "text").Select(text => text.Value)];
        foreach (string text in new[] { "long", "short", "80.0%", "65.0%" }) Assert.Contains(text, texts);
        string[] tooltips = [.. svg.Descendants().Where(element => element.Name.LocalName == "title").Select(title => title.Value)];
        Assert.Contains("long, epoch 4: 70.0%", tooltips);
        Assert.DoesNotContain(tooltips, tooltip => tooltip.StartsWith("long, epoch 2:", StringComparison.Ordinal));
    }

    [Fact]
    public void Runs_that_were_never_validated_give_only_a_table() =>
        Assert.Equal(["runs.md"], new RunComparison([Run("blind", null, null)]).Write(_root).Select(file => Path.GetFileName(file)));

    [Fact]
    public void Runs_judged_by_another_score_are_named_and_ordered_by_it()
    {
        var error = new Measure("error", "mean error") { HigherIsBetter = false, IsShare = false };
        var comparison = new RunComparison([Run("far", 3, 2.5, 2.75) with { Score = error }, Run("near", 1.5, 1.25) with { Score = error }]);
        string[] lines = comparison.ToMarkdown().Split('\n');
        Assert.Contains("| validation mean error |", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("| near |", lines[2], StringComparison.Ordinal);
        Assert.Contains("| 2 | 1.2500 |", lines[2], StringComparison.Ordinal);
        Assert.Contains("| 2 | 2.5000 |", lines[3], StringComparison.Ordinal);
        Assert.Contains("2.5000", File.ReadAllText(comparison.Write(_root)[1]), StringComparison.Ordinal);
    }

    private static ComparedRun Run(string name, params double?[] top1) => new(
        name, "efficientnet_b0", "scratch", "data",
        [.. top1.Select((value, index) => new EpochRecord(index + 1, 1, value is null ? null : 1, value, 0.1))]);
}
