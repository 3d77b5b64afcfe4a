using System.Xml.Linq;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Latency;
using EfficientNetSharp.Randomness;

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

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

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

    // Any times and accuracies of all networks: names stand apart from each other and from all markers.
    [Fact]
    public void Names_never_collide() => Gen.ULong.Sample(seed =>
    {
        var random = new SeededRandom(seed);
        var points = ArchitectureRegistry.All.Select(architecture => new LatencyPoint(
            architecture.Name, architecture.Family, architecture.Resolution, random.NextInt(1_000_000),
            1 + Math.Exp(8 * random.NextDouble()), null, 60 + (30 * random.NextDouble())));
        string file = (Report with { Points = [.. points] }).Write(_root)[1];
        var svg = XDocument.Load(file).Root!;
        Box[] names = [.. svg.Elements(Svg + "text").Where(IsName).Select(Place)];
        Box[] markers = [.. svg.Elements(Svg + "circle").Where(circle => circle.Element(Svg + "title") is not null)
            .Select(circle => Box.Around(
                (double)circle.Attribute("cx")!, (double)circle.Attribute("cy")!, (double)circle.Attribute("r")!))];
        Assert.NotEmpty(names);
        foreach (var (i, name) in names.Index())
        {
            Assert.DoesNotContain(names.Take(i), name.Overlaps);
            Assert.DoesNotContain(markers, name.Overlaps);
        }
    }, iter: 5, threads: 1);

    [Fact]
    public void The_ends_of_a_line_bear_their_whole_names_and_no_name_says_whose_padding_it_is()
    {
        LatencyPoint[] points =
        [
            new("tf_efficientnet_b0", "EfficientNet", 224, 1, 5, null, 77), new("efficientnet_b1", "EfficientNet", 240, 2, 50, null, 79),
            new("tf_efficientnet_b2", "EfficientNet", 260, 3, 500, null, 81),
            new("efficientnet_v2_s", "EfficientNetV2", 224, 4, 20, null, 65),
            new("efficientnet_v2_m", "EfficientNetV2", 224, 5, 90, null, 70),
            new("tf_efficientnetv2_l", "EfficientNetV2", 224, 6, 900, null, 75),
        ];
        var svg = XDocument.Load((Report with { Points = [.. points] }).Write(_root)[1]).Root!;
        string[] names = [.. svg.Elements(Svg + "text").Where(IsName)
            .Select(text => text.Value).Order(StringComparer.Ordinal)];
        Assert.Equal(["b1", "efficientnet_b0", "efficientnet_b2", "efficientnet_v2_s", "efficientnetv2_l", "m"], names);
    }

    private static bool IsName(XElement text) => ((string?)text.Attribute("class"))?.StartsWith("ink", StringComparison.Ordinal) == true;

    private static Box Place(XElement text)
    {
        double x = (double)text.Attribute("x")!, bottom = (double)text.Attribute("y")! + 2, width = TextWidth.Of(text.Value, 12);
        double left = (string?)text.Attribute("text-anchor") switch { "end" => x - width, "middle" => x - (width / 2), _ => x };
        // Coordinates are rounded to hundredths.
        return new Box(left + 0.02, bottom - 12 + 0.02, left + width - 0.02, bottom - 0.02);
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
