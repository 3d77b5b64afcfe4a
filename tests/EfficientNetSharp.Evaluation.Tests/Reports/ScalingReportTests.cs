using System.Xml.Linq;
using EfficientNetSharp.Evaluation.Reports.Scaling;

namespace EfficientNetSharp.Evaluation.Tests.Reports;

public sealed class ScalingReportTests : IDisposable
{
    private static readonly ScalingReport Report = ScalingReport.Create();

    private readonly string _root = Directory.CreateTempSubdirectory("scaling").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Multiply-adds in units of 10⁹ of an independent layer list.
    [Theory]
    [InlineData(0, 0.569), InlineData(1, 2.216), InlineData(2, 2.272), InlineData(3, 2.470), InlineData(4, 0.301), InlineData(5, 1.220),
        InlineData(6, 1.137)]
    [InlineData(7, 1.199), InlineData(8, 1.442), InlineData(9, 4.089), InlineData(10, 14.571), InlineData(11, 16.117),
        InlineData(12, 16.351), InlineData(13, 15.9)]
    public void Table_3_has_the_independent_counts(int row, double giga) =>
        Assert.InRange(Report.Table3[row].Macs / 1e9 / giga, 0.99, 1.01);

    [Theory]
    [InlineData(0, 0.3858), InlineData(1, 1.575), InlineData(2, 1.450), InlineData(3, 1.538), InlineData(4, 1.80)]
    public void Table_7_has_the_independent_counts(int row, double giga) =>
        Assert.InRange(Report.Table7[row].Macs / 1e9 / giga, 0.99, 1.01);

    [Fact]
    public void Every_row_that_misses_the_paper_by_a_tenth_has_a_note()
    {
        foreach (var row in Report.Table3.Concat(Report.Table7).Where(row => Math.Abs(row.Ratio - 1) > 0.1)) Assert.NotNull(
            row.Published.Note);
        // Interchanged, the two of ResNet-50 agree.
        Assert.InRange(Report.Table3[10].Macs / Report.Table3[11].Published.PaperFlops, 0.98, 1.02);
        Assert.InRange(Report.Table3[11].Macs / Report.Table3[10].Published.PaperFlops, 0.98, 1.02);
        Assert.Equal(3, Report.Notes().Length);
    }

    [Fact]
    public void The_files_are_whole_and_well_formed_and_the_same_each_time()
    {
        var files = Report.Write(Path.Combine(_root, "new", "folder"));
        Assert.Contains(files, file => Path.GetFileName(file) == "report.html");
        Assert.Contains(files, file => Path.GetFileName(file) == "scaling.md");
        var again = ScalingReport.Create().Write(Path.Combine(_root, "again"));
        foreach (var (first, second) in files.Zip(again)) Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));

        string html = File.ReadAllText(files[^1]);
        Assert.NotNull(XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root);
        // Drawings name their namespace, which nobody fetches.
        const string Namespace = "http://www.w3.org/2000/svg";
        string other = html.Replace("http-equiv", "", StringComparison.Ordinal).Replace(Namespace, "", StringComparison.Ordinal);
        Assert.DoesNotContain("http", other, StringComparison.Ordinal);
        foreach (string svg in files.Where(file => file.EndsWith(".svg", StringComparison.Ordinal)))
        {
            string text = string.Concat(
                XDocument.Load(svg).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value));
            Assert.Contains("EfficientNet-B0", text, StringComparison.Ordinal);
            Assert.Contains("accuracy", text, StringComparison.Ordinal);
        }

        Assert.Equal(3, files.Count(file => file.EndsWith(".svg", StringComparison.Ordinal)));
        Assert.Equal(3, html.Split("<svg").Length - 1);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_gets_one_line()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => Report.Write(Path.Combine(file, "below"))).Message);
    }
}
