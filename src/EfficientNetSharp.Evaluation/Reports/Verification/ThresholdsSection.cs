using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Evaluation.Reports.Verification;

/// <summary>The title, what matters most, and the threshold for each false accept rate.</summary>
internal static class ThresholdsSection
{
    public static void WriteHead(MarkupWriter page, VerificationReport report)
    {
        var roc = report.Result.Roc;
        page.Element("h1", report.Title);
        page.Element(
            "p",
            $"{Numbers.Counted(roc.Genuine, "genuine pair", "genuine pairs")} and {Numbers.Counted(roc.Impostors, "impostor pair", "impostor pairs")} " +
            $"of {Numbers.Counted(report.Result.Identities, "identity", "identities")}",
            ("class", "muted"));
        foreach (string remark in report.Remarks) page.Element("p", remark, ("class", "warning"));
        List<(string, string, string)> cards =
        [
            ("Equal error rate", Numbers.Percent(roc.EqualErrorRate),
                "Where as many strangers are accepted as images of one identity are rejected; knowing nothing gives 50%."),
            ("Area under the curve", Numbers.Fixed(roc.AreaUnderCurve, 4),
                "The chance that a genuine pair scores higher than an impostor pair; knowing nothing gives 0.5."),
            .. report.Protocols,
        ];
        if (report.Result.Points.LastOrDefault(point => point.Threshold is not null) is { } strictest)
        {
            cards.Insert(0, (
                $"Accepted at FAR {NumberText.Of(strictest.Target)}", Numbers.Percent(1 - strictest.FalseRejectRate.Value),
                $"Share of genuine pairs above the threshold {Numbers.Fixed(strictest.Threshold!.Value, 4)}; 95% interval " +
                $"{Numbers.Percent(1 - strictest.FalseRejectRate.Interval.Upper)}–{Numbers.Percent(1 - strictest.FalseRejectRate.Interval.Lower)}."));
        }

        CardsSection.Write(page, cards);
    }

    public static void Write(MarkupWriter page, VerificationResult result)
    {
        page.Element("h2", "Thresholds");
        page.Element(
            "p",
            "Two images count as one identity where their cosine is above the threshold. Intervals hold with 95% confidence for other " +
            "identities of this kind: identities were drawn anew, since pairs of one identity are not independent of each other.",
            ("class", "muted"));
        using (page.Open("div", ("class", "panel")))
        using (page.Open("div", ("class", "scroll")))
        using (page.Open("table"))
        {
            using (page.Open("thead"))
            using (page.Open("tr"))
            {
                page.Element("th", "FAR", ("class", "number"));
                foreach (string title in new[]
                {
                    "Threshold", "95% interval", "False accepts", "Rate, 95%", "Rejected", "95% interval", "Pairs to claim",
                        "Pairs to measure",
                })
                {
                    page.Element("th", title, ("class", "number"));
                }
            }

            using (page.Open("tbody"))
            {
                foreach (var point in result.Points) WriteRow(page, point);
            }
        }

        page.Element(
            "p",
            "FAR: the share of impostor pairs accepted. Rejected: the share of genuine pairs that are not. Pairs to claim: independent impostor " +
            "pairs without a single accepted one after which the rate is known to be no larger (rule of " +
            "three, 95%). Pairs to measure: enough for ± 30% at 90% (rule of 30).",
            ("class", "muted"));
    }

    private static void WriteRow(MarkupWriter page, VerificationPoint point)
    {
        using (page.Open("tr"))
        {
            Cell(NumberText.Of(point.Target));
            if (point.Threshold is { } threshold)
            {
                Cell(Numbers.Fixed(threshold, 4));
                Cell(point.ThresholdInterval is { } at ? $"{Numbers.Fixed(at.Lower, 4)}–{Numbers.Fixed(at.Upper, 4)}" : "–");
                Cell(Numbers.Whole(point.FalseAccepts));
                Cell($"{Small(point.FalseAcceptRate.Interval.Lower)}–{Small(point.FalseAcceptRate.Interval.Upper)}");
                Cell(Numbers.Percent(point.FalseRejectRate.Value));
                Cell($"{Numbers.Percent(point.FalseRejectRate.Interval.Lower)}–{Numbers.Percent(point.FalseRejectRate.Interval.Upper)}");
            }
            else
            {
                Cell("not known");
                for (int i = 0; i < 5; i++) Cell("–");
            }

            Cell(Numbers.Whole(point.PairsToBound));
            Cell(Numbers.Whole(point.PairsToMeasure));
        }

        void Cell(string text) => page.Element("td", text, ("class", "number"));
    }

    // Two digits of a rate that may be very small.
    private static string Small(double rate) =>
        NumberText.TryParse(rate.ToString("G2", CultureInfo.InvariantCulture).ToLowerInvariant(), out double rounded)
            ? NumberText.Of(rounded)
            : NumberText.Of(rate);
}
