using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>How the result came about, step by step.</summary>
internal static class StepsSection
{
    public static void Write(MarkupWriter page, QuantizationReport report)
    {
        page.Element("h2", "Step by step");
        page.Element(
            "p", "Each step was judged on images that nothing was calibrated with, and kept where it brought the outputs nearer to the float network's.");
        using (page.Open("div", ("class", "panel scroll")))
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                page.Element("th", "Step");
                if (report.IsClassifier) page.Element("th", "Agreement", ("class", "number"));
                page.Element("th", "Cosine", ("class", "number"));
                page.Element("th", "Signal to noise", ("class", "number"));
                page.Element("th", "");
            }

            foreach (var step in report.Steps)
            {
                using (page.Open("tr"))
                {
                    page.Element("td", step.Name);
                    if (report.IsClassifier) page.Element("td", Numbers.Percent(step.Agreement.Agreement), ("class", "number"));
                    page.Element("td", Numbers.Fixed(step.Agreement.MeanCosine, 4), ("class", "number"));
                    page.Element("td", $"{Numbers.Fixed(step.Agreement.SignalToNoise, 1)} dB", ("class", "number"));
                    page.Element("td", step.IsKept ? "kept" : "left out", ("class", step.IsKept ? "" : "muted"));
                }
            }
        }
    }
}
