using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Evaluation.Tests;

public sealed class ReportWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reports").FullName;

    private readonly EvaluationReport _report = new() { Result = new ClassificationMeter(["a é 猫"]).ToResult() };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_written_over_and_nothing_else_is_left()
    {
        string path = Path.Combine(_folder, "new", "report.html");
        ReportWriter.Write(path, _report with { Title = "first" });
        ReportWriter.Write(path, _report);
        Assert.Equal(_report.ToHtml(), File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_refused_in_one_line_and_left_as_it_was()
    {
        string path = Path.Combine(_folder, "folder");
        Directory.CreateDirectory(path);
        var exception = Assert.Throws<InvalidInputException>(() => ReportWriter.Write(path, _report));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_page_that_fails_half_way_leaves_the_old_file()
    {
        string path = Path.Combine(_folder, "report.html");
        File.WriteAllText(path, "old");
        var meter = new ClassificationMeter(["a", "b"]);
        meter.Add([0, 1], 0, 0);
        var failing = new EvaluationReport { Result = meter.ToResult(), Thumbnail = _ => throw new InvalidOperationException() };
        Assert.Throws<InvalidOperationException>(() => ReportWriter.Write(path, failing));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }
}
