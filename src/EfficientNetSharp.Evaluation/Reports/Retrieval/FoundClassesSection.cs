using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Retrieval;

/// <summary>The classes, those that are found least first.</summary>
internal static class FoundClassesSection
{
    // More would be scrolled past; all of them are in the JSON.
    private const int MaxRows = 50;

    public static void Write(MarkupWriter page, RetrievalReport report)
    {
        var classes = report.Result.ByClass;
        if (classes.IsEmpty) return;
        page.Element("h2", "Classes");
        page.Element(
            "p", "How often the nearest image is of the same class, and the share of the R first that are: the worst first"
                + (classes.Length > MaxRows ? $", {MaxRows} of {Numbers.Whole(classes.Length)}." : "."), ("class", "muted"));
        using (page.Open("div", ("class", "panel")))
        using (page.Open("div", ("class", "scroll")))
        using (page.Open("table"))
        {
            using (page.Open("thead"))
            using (page.Open("tr"))
            {
                page.Element("th", "Class");
                foreach (string title in new[] { "Queries", "Found first", "Recall@1", "R-precision" })
                    page.Element("th", title, ("class", "number"));
            }

            using (page.Open("tbody"))
            {
                foreach (var own in classes.OrderBy(own => (double)own.Found / own.Queries).ThenBy(own => own.Precision).Take(MaxRows))
                {
                    using (page.Open("tr"))
                    {
                        page.Element("td", report.ClassName?.Invoke(own.Label) ?? Numbers.Whole(own.Label));
                        page.Element("td", Numbers.Whole(own.Queries), ("class", "number"));
                        page.Element("td", Numbers.Whole(own.Found), ("class", "number"));
                        page.Element("td", Numbers.Percent((double)own.Found / own.Queries), ("class", "number"));
                        page.Element("td", Numbers.Percent(own.Precision), ("class", "number"));
                    }
                }
            }
        }
    }
}
