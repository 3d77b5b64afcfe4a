using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>What errors of preprocessing would look like beside the quantization's.</summary>
internal static class PreprocessingSection
{
    public static void Write(MarkupWriter page, QuantizationReport report)
    {
        if (report.PreprocessingErrors.IsEmpty) return;
        page.Element("h2", "Rounding or preprocessing?");
        page.Element(
            "p", "Where a device differs from this machine by more than rounding does, its preprocessing is the likelier cause. This is how far the float network is from itself with usual errors, on the same images.");
        using (page.Open("div", ("class", "panel scroll")))
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                page.Element("th", "What is wrong");
                if (report.IsClassifier) page.Element("th", "Agreement", ("class", "number"));
                page.Element("th", "Cosine", ("class", "number"));
                page.Element("th", "Signal to noise", ("class", "number"));
            }

            if (report.Steps.LastOrDefault(step => step.IsKept) is { } kept) Row("nothing: the quantized network", kept.Agreement);
            foreach (var error in report.PreprocessingErrors) Row(error.Name, error.Agreement);
        }

        void Row(string name, Measuring.OutputAgreement found)
        {
            using (page.Open("tr"))
            {
                page.Element("td", name);
                if (report.IsClassifier) page.Element("td", Numbers.Percent(found.Agreement), ("class", "number"));
                page.Element("td", Numbers.Fixed(found.MeanCosine, 4), ("class", "number"));
                page.Element("td", $"{Numbers.Fixed(found.SignalToNoise, 1)} dB", ("class", "number"));
            }
        }
    }
}
