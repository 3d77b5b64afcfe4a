using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The wrong answers that the network was surest of, with their images.</summary>
internal static class MistakesSection
{
    // Keeps the page under three megabytes, base64 adding a third; usual thumbnails are 5 to 10 kilobytes.
    private const int MaxThumbnailBytes = 1_200_000;

    public static void Write(MarkupWriter page, EvaluationReport report)
    {
        if (report.Result.WorstMistakes.IsEmpty) return;
        page.Element("h2", "Worst mistakes");
        page.Element("p",
            "Wrong answers that the network was surest of. Look at these first: often the label is wrong, not the network.",
            ("class", "muted"));
        int left = report.Thumbnail is null ? 0 : MaxThumbnailBytes;
        using (page.Open("div", ("class", "mistakes")))
        {
            foreach (var mistake in report.Result.WorstMistakes) WriteMistake(page, report, mistake, ref left);
        }
    }

    private static void WriteMistake(MarkupWriter page, EvaluationReport report, Mistake mistake, ref int left)
    {
        string name = report.ImageName?.Invoke(mistake.Index) ?? string.Create(CultureInfo.InvariantCulture, $"image {mistake.Index}");
        using (page.Open("figure"))
        {
            if (report.Thumbnail is { } thumbnail) WriteThumbnail(page, thumbnail(mistake.Index), name, ref left);
            using (page.Open("figcaption"))
            {
                Line(page, "is ", report.Result.Classes[mistake.Label].Name, "", "");
                string predicted = report.Result.Classes[mistake.Predicted].Name;
                Line(page, "taken for ", predicted, "took", $", {Numbers.Percent(mistake.Confidence)} sure");
                page.Element("div", name, ("class", "file"));
            }
        }
    }

    private static void WriteThumbnail(MarkupWriter page, byte[]? jpeg, string name, ref int left)
    {
        if (jpeg is null || jpeg.Length > left)
        {
            page.Element("div", "no image", ("class", "blank"));
            return;
        }

        left -= jpeg.Length;
        page.Empty("img", ("src", "data:image/jpeg;base64," + Convert.ToBase64String(jpeg)), ("alt", name));
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
