using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>Thresholds of embeddings before and after, and what an old one would do.</summary>
internal static class ThresholdsSection
{
    public static void Write(MarkupWriter page, ThresholdDrift? drift)
    {
        if (drift is null || drift.Shifts.IsEmpty) return;
        page.Element("h2", "Thresholds");
        page.Element(
            "p", "Above which cosine two images count as of one identity, found anew for the integers on images that nothing was chosen by: "
                + $"{Numbers.Counted(drift.Integers.Roc.Genuine, "genuine pair", "genuine pairs")} and {Numbers.Counted(drift.Integers.Roc.Impostors, "impostor pair", "impostor pairs")}. "
                + "The quantized model's card has its own; the last columns show what keeping the float threshold would do.");
        using (page.Open("div", ("class", "panel scroll")))
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                foreach (string title in new[]
                         {
                             "FAR", "Float threshold", "95% interval", "Integer threshold", "95% interval", "Drift", "Rejected, floats", "Rejected, integers",
                             "FAR, float threshold kept", "Rejected, float threshold kept",
                         })
                    page.Element("th", title, ("class", "number"));
            }

            foreach (var shift in drift.Shifts)
            {
                using (page.Open("tr"))
                {
                    Number(NumberText.Of(shift.FalseAcceptRate));
                    Point(shift.Before);
                    Point(shift.After);
                    Number(Numbers.Fixed(shift.Drift, 4));
                    Number(Numbers.Percent(shift.Before.FalseRejectRate.Value));
                    Number(Numbers.Percent(shift.After.FalseRejectRate.Value));
                    Number(NumberText.Rounded(shift.Kept.FalseAcceptRate));
                    Number(Numbers.Percent(shift.Kept.FalseRejectRate));
                }
            }
        }

        void Point(VerificationPoint point)
        {
            Number(Numbers.Fixed(point.Threshold!.Value, 4));
            Number(point.ThresholdInterval is { } interval ? $"{Numbers.Fixed(interval.Lower, 4)}–{Numbers.Fixed(interval.Upper, 4)}" : "–");
        }

        void Number(string text) => page.Element("td", text, ("class", "number"));
    }
}
