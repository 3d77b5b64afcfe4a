using System.Xml.Linq;
using EfficientNetSharp.Evaluation.Reports.Latency;
using EfficientNetSharp.Evaluation.Reports.Paper;

namespace EfficientNetSharp.Evaluation.Tests.Reports;

public sealed class PaperTablesTests : IDisposable
{
    private static readonly ImageNetTable Table2 = ImageNetTable.Create(
        name => [new PublishedAccuracy($"source/{name}.a<b", 224, 77.5, null)]);

    private readonly string _root = Directory.CreateTempSubdirectory("paper").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_counted_is_what_the_paper_rounds()
    {
        foreach (var row in Table2.Groups.SelectMany(group => group).Where(row => row.Parameters is not null))
        {
            // Two digits are printed; multiply-adds of B4 and B5 are 4.4 and 10.3 by the published networks, 4.2 and 9.9 in the paper.
            Assert.InRange(row.Parameters!.Value / row.Paper.Parameters, 0.96, 1.04);
            Assert.InRange(row.Macs!.Value / row.Paper.Flops!.Value, 0.95, 1.06);
        }

        Assert.Equal(11, Table2.Groups.Sum(group => group.Count(row => row.Parameters is not null)));
    }

    [Fact]
    public void The_printed_ratios_are_those_of_the_printed_sizes()
    {
        foreach (var group in PaperNetwork.Table2)
        {
            Assert.Equal((1, 1), (group[0].ParameterRatio, group[0].FlopsRatio));
            foreach (var row in group)
            {
                Assert.InRange(row.Parameters / group[0].Parameters / row.ParameterRatio, 0.95, 1.06);
                if (row.Flops is { } flops) Assert.InRange(flops / group[0].Flops!.Value / row.FlopsRatio!.Value, 0.9, 1.1);
            }
        }
    }

    [Fact]
    public void Speedups_are_of_the_pair()
    {
        var row = new CpuLatencyRow(PaperLatency.Table4[0], Point("resnet152", 40, 60), Point("efficientnet_b1", 5, 12));
        Assert.Equal((8, 5), (row.Speedup, row.OnnxRuntimeSpeedup));
        Assert.Null(new CpuLatencyRow(PaperLatency.Table4[1], null, Point("efficientnet_b7", 400, null)).Speedup);
        Assert.All(PaperLatency.Table4, pair => Assert.InRange(pair.BaselineSeconds / pair.Seconds / pair.Speedup, 0.98, 1.02));

        static LatencyPoint Point(string name, double engine, double? onnx) => new(name, "", 224, 1, engine, onnx, null);
    }

    [Theory]
    [InlineData("/data/cifar10", 10, "CIFAR-10")]
    [InlineData("/data/CIFAR-100/test", 100, "CIFAR-100")]
    [InlineData("flowers102", 102, "Flowers")]
    [InlineData("/data/flowers", 5, null)]
    [InlineData("/data/oxford-iiit-pet/val", 37, "Oxford-IIIT Pets")]
    [InlineData("/data/stanford_cars/test", 196, "Stanford Cars")]
    [InlineData("/food101/goods/images", 101, null)]
    [InlineData("fgvc-aircraft", 100, "FGVC Aircraft")]
    public void A_set_is_told_by_its_folder_and_its_classes(string path, int classes, string? expected) =>
        Assert.Equal(expected, PaperTransfer.Find(path, classes)?.Dataset);

    [Fact]
    public void Only_a_result_on_the_whole_test_part_stands_beside_the_papers()
    {
        var whole = new TransferRun("a", "cifar10/test", 10, "efficientnet_b0", 4_007_548, "x", 0.981, "10,000 images", 10_000);
        var part = whole with { Name = "b", Top1 = 0.99, TestImages = null, JudgedBy = "its validation part, epoch 3" };
        Assert.Equal((true, false), (whole.IsTestPart, part.IsTestPart));
        var table = new TransferTable([part, whole]).ToReport().Tables[0];
        Assert.Equal("98.1 % efficientnet_b0", table.Rows[0][^1]);
        Assert.All(table.Rows.Skip(1).SkipLast(1), row => Assert.Equal("–", row[^1]));
    }

    [Fact]
    public void The_paper_counts_parameters_without_the_classifier()
    {
        foreach (var result in PaperTransfer.Table5.SelectMany(
            row => new[] { row.Public, row.EfficientNet, row.Best, row.BestEfficientNet }))
        {
            if (TransferTable.CountedOf(result) is not { } counted || result.Parameters is not { } printed) continue;
            // B6's 40.7 million are rounded to 41, B3's 10.7 cut to 10.
            Assert.Contains(printed / 1e6, new[] { Math.Floor(counted / 1e6), Math.Round(counted / 1e6) });
        }
    }

    [Fact]
    public void Pages_are_whole_and_well_formed_whatever_names_hold()
    {
        var run = new TransferRun("<run> | *a*", "d&d", 3, "net`", null, null, 0.5, "2 images", 2);
        PaperReport[] reports =
        [
            Table2.ToReport(), new TransferTable([run]).ToReport(),
            new CpuLatencyTable(
                [new CpuLatencyRow(PaperLatency.Table4[1], null, new LatencyPoint("efficientnet_b7", "", 600, 1, 400, 1, null))],
                "A machine.").ToReport(),
        ];
        foreach (var report in reports)
        {
            var files = report.Write(Path.Combine(_root, report.Name));
            Assert.Equal([$"{report.Name}.md", "report.html"], files.Select(file => Path.GetFileName(file)));
            string html = File.ReadAllText(files[1]);
            Assert.NotNull(XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root);
            Assert.All(report.Tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Length, row.Length)));
        }

        Assert.Contains("\\<run> \\| \\*a\\*", reports[1].ToMarkdown(), StringComparison.Ordinal);
    }
}
