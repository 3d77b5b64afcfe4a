using System.Xml.Linq;
using EfficientNetSharp.Evaluation.Reports.Latency;

namespace EfficientNetSharp.Evaluation.Tests.Reports;

public sealed class LatencyReportTests : IDisposable
{
    private static readonly LatencyReport Report = new(
        [
            new("small", "A", 224, 100, 5.0, 6.0, 70.1), new("tf_small", "A", 224, 100, 5.2, 6.1, 70.9),
            new("large", "A", 300, 900, 50, null, 80), new("other", "B", 224, 100, 7, 8, 65.5),
            new("unpublished", "B", 224, 200, 9, 9.5, null),
        ],
        "A machine <of ours>.");

    private readonly string _root = Directory.CreateTempSubdirectory("latency").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_same_network_from_two_sources_is_one_point_with_the_better_weights()
    {
        var files = Report.Write(_root);
        Assert.Equal(["latency.md", "latency.svg"], files.Select(file => Path.GetFileName(file)));
        var svg = XDocument.Load(files[1]).Root!;
        string[] points = [.. svg.Descendants().Where(element => element.Name.LocalName == "title").Skip(1).Select(title => title.Value)];
        Assert.Equal(["tf_small: 5.2 ms, 70.9 %", "large: 50.0 ms, 80.0 %", "other: 7.0 ms, 65.5 %"], points);
    }

    [Fact]
    public void The_table_has_every_network()
    {
        string table = Report.ToMarkdown();
        foreach (var point in Report.Points) Assert.Contains($"| `{point.Name}` | {point.Resolution} |", table, StringComparison.Ordinal);
        Assert.Contains("| 5.0 | 6.0 | 1.20 | 70.1 % |", table, StringComparison.Ordinal);
        Assert.Contains("| 50.0 | – | – | 80.0 % |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_published_accuracy_there_is_no_plot() =>
        Assert.Equal(["latency.md"], (Report with { Points = [Report.Points[4]] }).Write(_root).Select(file => Path.GetFileName(file)));

    [Fact]
    public void A_folder_that_cannot_be_made_gets_one_line()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => Report.Write(Path.Combine(file, "below"))).Message);
    }
}
