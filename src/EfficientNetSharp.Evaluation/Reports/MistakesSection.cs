using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The wrong answers that the network was surest of, with their images.</summary>
internal static class MistakesSection
{
    public static void Write(MarkupWriter page, EvaluationReport report)
    {
        if (report.Result.WorstMistakes.IsEmpty) return;
        page.Element("h2", "Worst mistakes");
        page.Element("p",
            "Wrong answers that the network was surest of. Look at these first: often the label is wrong, not the network.",
            ("class", "muted"));
        var thumbnails = new Thumbnails();
        using (page.Open("div", ("class", "mistakes")))
        {
            foreach (var mistake in report.Result.WorstMistakes) WriteMistake(page, report, mistake, thumbnails);
        }
    }

    private static void WriteMistake(MarkupWriter page, EvaluationReport report, Mistake mistake, Thumbnails thumbnails)
    {
        string name = report.ImageName?.Invoke(mistake.Index) ?? string.Create(CultureInfo.InvariantCulture, $"image {mistake.Index}");
        using (page.Open("figure"))
        {
            if (report.Thumbnail is { } thumbnail) thumbnails.Write(page, thumbnail(mistake.Index), name);
            using (page.Open("figcaption"))
            {
                Line(page, "is ", report.Result.Classes[mistake.Label].Name, "", "");
                string predicted = report.Result.Classes[mistake.Predicted].Name;
                Line(page, "taken for ", predicted, "took", $", {Numbers.Percent(mistake.Confidence)} sure");
                page.Element("div", name, ("class", "file"));
            }
        }
    }

    private static void Line(MarkupWriter page, string before, string name, string style, string after)
    {
        using (page.Open("div"))
        {
            page.Text(before);
            page.Element("b", name, ("class", style));
            page.Text(after);
        }
    }
}
