using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Evaluation.Reports.Sections;

/// <summary>Whether the network's confidence can be believed.</summary>
internal static class CalibrationSection
{
    public static void Write(MarkupWriter page, ClassificationResult result)
    {
        if (result.Calibration.All(bin => bin.Count == 0)) return;
        page.Element("h2", "Calibration");
        page.Element("p",
            $"Where bars end below the dashed line the network is too sure of itself, above it too modest. On average confidence and accuracy lie {Numbers.Percent(result.ExpectedCalibrationError)} apart.",
            ("class", "muted"));
        using (page.Open("div", ("class", "panel"))) new ReliabilityChart { Bins = result.Calibration }.Write(page);
    }
}
