using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>A page of the EfficientNet paper's numbers beside ours.</summary>
/// <param name="Name">The file's name, such as <c>table2</c>.</param>
/// <param name="Title">The page's title.</param>
/// <param name="Lead">What to know before reading it.</param>
/// <param name="Tables">The tables.</param>
public sealed record PaperReport(string Name, string Title, string Lead, ImmutableArray<ScalingTable> Tables)
{
    /// <summary>What stands where there is no number.</summary>
    internal const string None = "–";

    /// <summary>Writes <c>report.html</c> (self-contained) and the tables as Markdown into a folder, which is made where missing.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public ImmutableArray<string> Write(string folder) =>
        ReportFolder.Write(folder, ($"{Name}.md", ToMarkdown()), ("report.html", ToHtml()));

    /// <summary>The page.</summary>
    public string ToHtml() => ReportPage.Html(Title, ScalingPages.Footer, page =>
    {
        page.Element("h1", Title);
        page.Element("p", Lead, ("class", "muted"));
        foreach (var table in Tables) ScalingPages.WriteTable(page, table);
    });

    /// <summary>The same as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# ").Append(Title).Append("\n\n").Append(Lead).Append('\n');
        foreach (var table in Tables) ScalingPages.WriteTable(text, table);
        return text.ToString();
    }

    /// <summary>Per cent with one digit, as the paper prints them.</summary>
    internal static string PerCent(double? value) => value is { } known ? Numbers.Fixed(known, 1) + " %" : None;

    /// <summary>How many times as much: one digit after the point below ten.</summary>
    internal static string Times(double? ratio) => ratio switch
    {
        null => None,
        1 => "1×",
        < 9.95 => Numbers.Fixed(ratio.Value, 1) + "×",
        _ => Numbers.Fixed(ratio.Value, 0) + "×",
    };

    /// <summary>A number as the paper prints it, with as many digits as it has.</summary>
    internal static string Printed(double? value, double unit, string letter) =>
        value is { } known ? Math.Round(known / unit, 3).ToString(CultureInfo.InvariantCulture) + letter : None;
}
