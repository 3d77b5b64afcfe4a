using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>Whether the network's confidence can be trusted.</summary>
internal static class CalibrationSection
{
    public static void Write(MarkupWriter page, ClassificationResult result)
    {
        if (result.Calibration.All(bin => bin.Count == 0)) return;
        page.Element("h2", "Calibration");
        page.Element("p",
            "A blue bar ends at the accuracy of the bin’s images, an orange line marks their confidence: where the bar ends below it, the "
            + "network is overconfident, above it underconfident. "
            + $"On average confidence and accuracy lie {Numbers.Percent(result.ExpectedCalibrationError)} apart.",
            ("class", "muted"));
        using (page.Open("div", ("class", "panel beside")))
        {
            using (page.Open("div")) new ReliabilityChart { Bins = result.Calibration }.Write(page);
            WriteTable(page, result);
        }
    }

    private static void WriteTable(MarkupWriter page, ClassificationResult result)
    {
        using (page.Open("div", ("class", "scroll")))
        using (page.Open("table"))
        {
            using (page.Open("thead"))
            using (page.Open("tr"))
            {
                page.Element("th", "Confidence");
                foreach (string title in new[] { "Mean", "Right", "Gap", "Images" }) page.Element("th", title, ("class", "number"));
            }

            using (page.Open("tbody"))
            {
                foreach (var bin in result.Calibration.Where(bin => bin.Count > 0)) WriteRow(page, bin);
            }
        }
    }

    private static void WriteRow(MarkupWriter page, CalibrationBin bin)
    {
        using (page.Open("tr"))
        {
            page.Element("td", $"{Numbers.Percent(bin.Lower)}–{Numbers.Percent(bin.Upper)}", ("class", "range"));
            page.Element("td", Numbers.Percent(bin.Confidence), ("class", "number"));
            page.Element("td", Numbers.Percent(bin.Accuracy), ("class", "number"));
            page.Element("td", Numbers.Percent(Math.Abs(bin.Accuracy - bin.Confidence)), ("class", "number"));
            page.Element("td", Numbers.Whole(bin.Count), ("class", "number"));
        }
    }
}
