using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests;

public sealed class ReportTests
{
    private const string Nasty = "<script>alert('x')</script> & \"quoted\" \u0001\uD800 ]]>";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 0)]
    [InlineData(5, 60)]
    [InlineData(40, 400)]
    [InlineData(41, 400)]
    [InlineData(1000, 3000)]
    public void The_page_and_each_drawing_are_well_formed_for_any_number_of_classes(int classes, int images)
    {
        var report = Report(classes, images);
        var page = Parse(report.ToHtml());
        var drawings = page.Descendants(Svg + "svg").ToArray();
        Assert.NotEmpty(drawings);
        Assert.All(drawings, drawing => Assert.NotNull(XDocument.Parse(drawing.ToString()).Root));
    }

    [Fact]
    public void Nothing_is_fetched_and_nothing_runs()
    {
        string html = Report(6, 60).ToHtml();
        var page = Parse(html);
        string[] names = [.. page.Descendants().Select(element => element.Name.LocalName).Distinct()];
        Assert.DoesNotContain("script", names);
        Assert.DoesNotContain("link", names);
        Assert.DoesNotContain("iframe", names);
        var sources = page.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href" or "srcset" or "action");
        Assert.All(sources, source => Assert.StartsWith("data:image/jpeg;base64,", source.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_words_from_outside_are_escaped_everywhere()
    {
        var meter = new ClassificationMeter([Nasty, "b"]);
        meter.Add([0, 1], 0, 0);
        meter.Add([1, 0], 0, 1);
        var report = new EvaluationReport
        {
            Result = meter.ToResult(),
            Title = Nasty,
            Subject = new EvaluationSubject
            {
                Model = Nasty,
                Architecture = Nasty,
                Input = Nasty,
                Backend = Nasty,
                Data = Nasty,
                Command = Nasty,
            },
            ImageName = _ => Nasty,
            Thumbnail = _ => [1, 2, 3],
        };
        string html = report.ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);

        // What the reader sees is the name itself, except for what no XML can hold.
        string seen = Nasty.Replace('\u0001', '\uFFFD').Replace('\uD800', '\uFFFD');
        var page = Parse(html);
        Assert.Equal(seen, page.Descendants("h1").Single().Value);
        Assert.Equal(seen, page.Descendants("code").Single().Value);
        Assert.Equal(seen, page.Descendants("img").Single().Attribute("alt")!.Value);
        Assert.Contains(page.Descendants("td"), cell => cell.Value == seen);
        Assert.Contains(page.Descendants(Svg + "title"), title => title.Value == seen);
    }

    [Fact]
    public void A_thousand_classes_with_dense_confusions_and_great_thumbnails_stay_below_three_megabytes()
    {
        const int Classes = 1000;
        string[] names = [.. Enumerable.Range(0, Classes).Select(i => $"class number {i} with a name of some length")];
        var meter = new ClassificationMeter(names);
        float[] row = new float[Classes];
        for (int i = 0; i < 200; i++)
        {
            row[i] = 9;
            meter.Add(row, i + 1, i);
            row[i] = 0;
        }

        var random = new SeededRandom(1);
        var cells = new List<ConfusionCell>();
        for (int i = 0; i < 200_000; i++) cells.Add(new ConfusionCell(random.NextInt(Classes), random.NextInt(Classes), 1));
        var result = meter.ToResult() with { Confusion = new ConfusionMatrix(Classes, cells) };
        var report = new EvaluationReport { Result = result, History = History(300), Thumbnail = _ => new byte[90_000] };
        int length = System.Text.Encoding.UTF8.GetByteCount(report.ToHtml());
        Assert.InRange(length, 100_000, 3_000_000);
        Assert.Contains(Parse(report.ToHtml()).Descendants("div"), blank => blank.Value == "no image");
    }

    [Fact]
    public void Tens_of_thousands_of_classes_stay_below_three_megabytes()
    {
        const int Classes = 21_841; // ImageNet-21k
        var meter = new ClassificationMeter([.. Enumerable.Range(0, Classes).Select(i => $"class {i}")]);
        float[] row = new float[Classes];
        for (int i = 0; i < 500; i++)
        {
            row[i * 40] = 5;
            meter.Add(row, i * 41, i);
            row[i * 40] = 0;
        }

        Assert.InRange(new EvaluationReport { Result = meter.ToResult() }.ToHtml().Length, 100_000, 3_000_000);
    }

    [Fact]
    public void Equal_contents_give_equal_pages_in_any_culture()
    {
        string first = Report(12, 100).ToHtml();
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("")
            {
                NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", PercentDecimalSeparator = ",",
                NegativeSign = "~" },
            };
            Assert.Equal(first, Report(12, 100).ToHtml());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_heat_map_holds_the_counts()
    {
        var report = Report(5, 200);
        var map = Parse(report.ToHtml()).Descendants(Svg + "svg").Single(svg => svg.Attribute("aria-label")!.Value == "Confusion matrix");
        string[] texts = [.. map.Elements(Svg + "text").Select(text => text.Value)];
        foreach (var cell in report.Result.Confusion.Cells) Assert.Contains(cell.Count.ToString(CultureInfo.InvariantCulture), texts);
        Assert.Equal(report.Result.Confusion.Cells.Count,
            map.Elements(Svg + "rect").Count(rect => rect.Element(Svg + "title") is not null));
    }

    [Fact]
    public void Above_forty_classes_blocks_and_pairs_stand_for_the_matrix()
    {
        var report = Report(100, 500);
        var page = Parse(report.ToHtml());
        var map = page.Descendants(Svg + "svg")
            .Single(svg => svg.Attribute("aria-label")!.Value == "Confusion matrix in blocks of classes");
        Assert.Contains(map.Elements(Svg + "text"), text => text.Value == "0–2");
        Assert.Contains(map.Elements(Svg + "text"), text => text.Value == "99");
        var worst = report.Result.Confusion.MaxConfused(1)[0];
        string[] firstPair = [.. page.Descendants("table").First().Descendants("td").Select(cell => cell.Value)];
        Assert.Equal(report.Result.Classes[worst.Label].Name, firstPair[0]);
        Assert.Equal(report.Result.Classes[worst.Predicted].Name, firstPair[1]);
        Assert.Equal($"{worst.Count}", firstPair[2]);
    }

    [Fact]
    public void Classes_come_with_the_worst_recall_first_and_those_without_images_last()
    {
        var meter = new ClassificationMeter(["good", "absent", "bad"]);
        meter.Add([5, 0, 1], 0, 0);
        meter.Add([5, 0, 1], 2, 1);
        var page = Parse(new EvaluationReport { Result = meter.ToResult() }.ToHtml());
        var table = page.Descendants("table").Single(t => t.Descendants("th").Any(th => th.Value == "Recall"));
        Assert.Equal(["bad", "good", "absent"], table.Descendants("tbody").Elements("tr").Select(row => row.Elements("td").First().Value));
        Assert.Contains("–", table.Descendants("tr").Last().Elements("td").ElementAt(1).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_leave_gaps_where_a_number_is_missing_or_not_finite()
    {
        EpochRecord[] history =
        [
            new(1, 1.0, null, null, 0.1), new(2, 0.9, 1.1, 0.5, 0.1), new(3, double.NaN, 1.0, 0.6, 0.1),
            new(4, 0.7, 0.9, double.NaN, 0.05), new(5, 0.6, double.PositiveInfinity, 0.55, 0),
        ];
        var page = Parse((Report(3, 10) with { History = [.. history] }).ToHtml());
        var loss = Drawing("Loss over epochs");
        Assert.Equal([2, 2], Lines(loss, "first"));
        Assert.Equal([3], Lines(loss, "second"));
        var top1 = Drawing("Top-1 accuracy on the validation images over epochs");
        Assert.Contains(top1.Elements(Svg + "text"), text => text.Value == "best 60.0%, epoch 3");
        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);

        XElement Drawing(string label) => page.Descendants(Svg + "svg").Single(svg => svg.Attribute("aria-label")!.Value == label);
        static IEnumerable<int> Lines(XElement drawing, string style) => drawing.Elements(Svg + "polyline")
            .Where(line => line.Attribute("class")!.Value == style).Select(line => line.Attribute("points")!.Value.Split(' ').Length);
    }

    [Theory]
    [InlineData(null, "best 80.0%, epoch 1")]
    [InlineData(1, "best 80.0%, epoch 1")]
    [InlineData(2, "kept 60.0%, epoch 2")]
    [InlineData(0, "kept 50.0%, before training")]
    public void The_curve_marks_the_epoch_that_is_judged(int? kept, string mark)
    {
        EpochRecord[] history = [new(0, 1.2, 1.3, 0.5, 0), new(1, 1.0, 1.1, 0.8, 0.1), new(2, 0.9, 1.0, 0.6, 0.1)];
        string page = (Report(3, 10) with { History = [.. history], KeptEpoch = kept }).ToHtml();
        Assert.Contains(mark, page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_of_another_score_calls_it_by_its_name()
    {
        var error = new Measure("error", "mean error") { HigherIsBetter = false, IsShare = false };
        string page = (Report(3, 10) with { HistoryScore = error }).ToHtml();
        Assert.Contains("Validation mean error", page, StringComparison.Ordinal);
        Assert.Contains("Mean error on the validation images over epochs", page, StringComparison.Ordinal);
        // The lowest is the best, and no share.
        Assert.Contains("best 0.5000, epoch 1", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Trouble_with_images_and_rows_is_said_at_the_head()
    {
        var meter = new ClassificationMeter(["a", "b", "c"]);
        meter.Add([float.NaN, 0, 0], 0, 0);
        meter.Add([0, 0, 0], 1, 1);
        var page = Parse(new EvaluationReport { Result = meter.ToResult(brokenImages: 2) }.ToHtml());
        string[] warnings = [.. page.Descendants("p").Where(p => (string?)p.Attribute("class") == "warning").Select(p => p.Value)];
        Assert.Equal(4, warnings.Length);
        Assert.StartsWith("2 images could not be read", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("For 1 image the network gave NaN", warnings[1], StringComparison.Ordinal);
        Assert.StartsWith("For 1 image the network gave all classes the same value", warnings[2], StringComparison.Ordinal);
        Assert.StartsWith("1 class has no image here", warnings[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_images_are_named_with_their_reasons_and_counted_where_they_are_many()
    {
        BrokenImage[] broken = [.. Enumerable.Range(0, 30).Select(i => new BrokenImage(i, $"a/{i}.jpg", $"'a/{i}.jpg' is <cut>"))];
        var result = Report(2, 3).Result with { BrokenImages = 30, Unreadable = [.. broken] };
        var report = new EvaluationReport { Result = result, UnreadableInTraining = [broken[4] with { Reason = "no image" }] };
        var page = Parse(report.ToHtml());
        var warnings = page.Descendants("p").Where(p => (string?)p.Attribute("class") == "warning").ToArray();
        string[] lines = [.. warnings[0].Elements("span").Select(line => line.Value)];
        Assert.Equal(21, lines.Length);
        Assert.Equal("'a/0.jpg' is <cut>", lines[0]);
        Assert.Equal("… and 10 more", lines[^1]);
        Assert.StartsWith("1 image could not be read and took no part in training", warnings[1].Value, StringComparison.Ordinal);
        Assert.Equal("a/4.jpg: no image", warnings[1].Elements("span").Single().Value);
    }

    // Whatever the bins are: a bar's upper edge is the accuracy, and the mark beside it the confidence.
    [Fact]
    public void Bars_of_the_reliability_diagram_end_at_the_accuracy() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1]).Array[15].Sample(values =>
        {
            var page = new MarkupWriter();
            new ReliabilityChart
            {
                Bins = [.. values.Index().Select(bin => new CalibrationBin(
                    bin.Index / 15.0, (bin.Index + 1) / 15.0, 1 + bin.Index, bin.Item.Item1, bin.Item.Item2))],
            }.Write(page);
            var svg = XDocument.Parse(page.ToString()).Root!;
            var axis = svg.Elements(Svg + "text")
                .Where(text => text.Value is "0%" or "100%" && (string?)text.Attribute("text-anchor") == "end")
                .ToDictionary(text => text.Value, text => (double)text.Attribute("y")! - 4);
            // The legend comes first and the counts last.
            var bars = svg.Elements(Svg + "rect").Where(rect => (string?)rect.Attribute("class") == "solid first"
                && (string?)rect.Attribute("fill-opacity") == "0.85").Skip(1).ToArray();
            var marks = svg.Elements(Svg + "line").Where(line => (string?)line.Attribute("class") == "second").Skip(1).ToArray();
            Assert.Equal((15, 15), (bars.Length, marks.Length));
            foreach (var (i, (confidence, accuracy)) in values.Index())
            {
                Assert.Equal(accuracy, ShareAt((double)bars[i].Attribute("y")!), 1e-4);
                Assert.Equal(0, ShareAt((double)bars[i].Attribute("y")! + (double)bars[i].Attribute("height")!), 1e-4);
                Assert.Equal(confidence, ShareAt((double)marks[i].Attribute("y1")!), 1e-4);
            }

            // Nothing hides a bar.
            Assert.DoesNotContain(svg.Elements(Svg + "rect"), rect => (string?)rect.Attribute("class") == "under");

            double ShareAt(double y) => (axis["0%"] - y) / (axis["0%"] - axis["100%"]);
        }, iter: 50);

    [Theory]
    [InlineData(0.5, 10, 0.2366, 0.7634)] // with z = 1.96 in the middle ½ ± ½·z/√(n+z²), at the ends n/(n+z²) and z²/(n+z²)
    [InlineData(1.0, 3, 0.4385, 1.0)]
    [InlineData(0.0, 20, 0.0, 0.1611)]
    public void The_interval_is_wilsons(double share, long count, double low, double high)
    {
        var interval = Numbers.Interval(share, count);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    private static EvaluationReport Report(int classes, int images)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"class {i} <&>")];
        var meter = new ClassificationMeter(names);
        float[] row = new float[classes];
        for (int i = 0; i < images; i++)
        {
            var random = new SeededRandom(5, (ulong)i);
            for (int c = 0; c < classes; c++) row[c] = (float)random.NextGaussian();
            int label = random.NextInt(classes);
            row[label] += 1.5f;
            meter.Add(row, label, i);
        }

        return new EvaluationReport
        {
            Result = meter.ToResult(imagesPerSecond: 1234.5),
            History = History(4),
            Subject = new EvaluationSubject
            {
                Model = "m",
                Parameters = 5_288_548,
                Macs = 385_800_000,
                Date = new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero),
            },
            Thumbnail = i => i % 3 == 0 ? null : [0xFF, 0xD8, (byte)i],
        };
    }

    private static System.Collections.Immutable.ImmutableArray<EpochRecord> History(int epochs) =>
        [.. Enumerable.Range(1, epochs).Select(e => new EpochRecord(e, 1.0 / e, 1.2 / e, 1 - (0.5 / e), 0.1 / e))];

    // Elements of HTML have no namespace in this reading; the drawings name their own.
    private static XDocument Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }
}
