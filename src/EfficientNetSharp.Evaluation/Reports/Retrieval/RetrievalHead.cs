using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Retrieval;

/// <summary>The title and the measures.</summary>
internal static class RetrievalHead
{
    public static void Write(MarkupWriter page, RetrievalReport report)
    {
        var result = report.Result;
        page.Element("h1", report.Title);
        page.Element(
            "p",
            $"{Numbers.Counted(result.Queries, "query", "queries")} of {Numbers.Counted(result.Classes, "class", "classes")}, each searched among " +
            $"{Numbers.Counted(result.Gallery, "image", "images")} by cosine",
            ("class", "muted"));
        if (result.WithoutRelevant > 0)
        {
            page.Element(
                "p", $"{Numbers.Counted(result.WithoutRelevant, "query has", "queries have")} no other image of their class and are left out.",
                ("class", "warning"));
        }

        CardsSection.Write(page,
        [
            .. result.Recall.Select(at => (
                $"Recall@{at.K}", Numbers.Percent(at.Recall.Value),
                (at.K == 1 ? "The nearest image is of the query's class" : $"One of the {at.K} nearest images is of the query's class") + Interval(at.Recall))),
            ("mAP", Numbers.Percent(result.MeanAveragePrecision.Value),
                "Precision at each image of the class, over the whole ranking" + Interval(result.MeanAveragePrecision)),
            ("mAP@R", Numbers.Percent(result.MeanAveragePrecisionAtR.Value),
                "The same among the R first, where R images are of the class" + Interval(result.MeanAveragePrecisionAtR)),
            ("R-precision", Numbers.Percent(result.RPrecision.Value),
                "The share of the R first that are of the class" + Interval(result.RPrecision)),
        ]);
    }

    private static string Interval(Estimate estimate) =>
        $"; 95% interval {Numbers.Percent(estimate.Interval.Lower)}–{Numbers.Percent(estimate.Interval.Upper)}, classes drawn anew.";
}
