using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The measures of each class, the worst recall first, and how recall is spread where there are many classes.</summary>
internal static class ClassesSection
{
    // As many as the page shows without being asked; the others fold.
    private const int Shown = 40;

    // Keeps the page of a network with tens of thousands of classes under three megabytes.
    private const int Listed = 2000;

    // Steps of ten per cent.
    private const int Steps = 10;

    public static void Write(MarkupWriter page, ClassificationResult result)
    {
        page.Element("h2", "Classes");
        page.Element("p",
            "Recall: share of the class’s images that were recognised. Precision: share of the images taken for the class that belong to it. "
            + "The worst recall comes first.", ("class", "muted"));
        if (result.Classes.Length > ConfusionSection.MaxClasses) WriteSpread(page, result);

        // Classes without images have no recall and come last.
        int[] order = [.. Enumerable.Range(0, result.Classes.Length)
            .OrderBy(i => result.Classes[i].Support == 0)
            .ThenBy(i => result.Classes[i].Recall)
            .ThenByDescending(i => result.Classes[i].Support)];
        using (page.Open("div", ("class", "panel")))
        {
            WriteTable(page, result, order.AsSpan(0, Math.Min(Shown, order.Length)));
            if (order.Length <= Shown) return;
            using (page.Open("details"))
            {
                int end = Math.Min(Listed, order.Length);
                page.Element("summary", order.Length <= Listed
                    ? $"The other {Numbers.Whole(order.Length - Shown)} classes"
                    : $"The next {Numbers.Whole(end - Shown)} of {Numbers.Whole(order.Length)} classes; the JSON has all");
                WriteTable(page, result, order.AsSpan(Shown..end));
            }
        }
    }

    private static void WriteSpread(MarkupWriter page, ClassificationResult result)
    {
        long[] counts = new long[Steps];
        foreach (var measures in result.Classes.Where(measures => measures.Support > 0))
            counts[Math.Min((int)(measures.Recall * Steps), Steps - 1)]++;
        using (page.Open("div", ("class", "panel")))
        {
            page.Element("h3", "How recall is spread");
            new BarChart
            {
                Description = "Number of classes by recall",
                ShareTitle = "recall",
                CountTitle = "classes",
                Counts = [.. counts],
            }.Write(page);
        }
    }

    private static void WriteTable(MarkupWriter page, ClassificationResult result, ReadOnlySpan<int> order)
    {
        using (page.Open("div", ("class", "scroll")))
        using (page.Open("table"))
        {
            using (page.Open("thead"))
            using (page.Open("tr"))
            {
                page.Element("th", "Class");
                page.Element("th", "Recall", ("class", "number"));
                page.Element("th", "");
                page.Element("th", "Precision", ("class", "number"));
                page.Element("th", "F1", ("class", "number"));
                page.Element("th", "Images", ("class", "number"));
                page.Element("th", "Most often taken for");
            }

            using (page.Open("tbody"))
            {
                foreach (int i in order) WriteRow(page, result, i);
            }
        }
    }

    private static void WriteRow(MarkupWriter page, ClassificationResult result, int index)
    {
        var measures = result.Classes[index];
        bool hasImages = measures.Support > 0;
        using (page.Open("tr"))
        {
            page.Element("td", measures.Name, ("class", "name"));
            page.Element("td", hasImages ? Numbers.Percent(measures.Recall) : "–", ("class", "number"));
            using (page.Open("td", ("class", "bar")))
            {
                if (hasImages)
                {
                    string width = (measures.Recall * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%";
                    using (page.Open("span", ("class", "track"))) page.Element("span", "", ("class", "fill"), ("style", "width:" + width));
                }
            }

            page.Element("td", measures.Predicted > 0 ? Numbers.Percent(measures.Precision) : "–", ("class", "number"));
            page.Element("td", hasImages ? Numbers.Percent(measures.F1) : "–", ("class", "number"));
            page.Element("td", Numbers.Whole(measures.Support), ("class", "number"));
            page.Element("td", TakenFor(result, index), ("class", "name"));
        }
    }

    private static string TakenFor(ClassificationResult result, int index)
    {
        ConfusionCell worst = default;
        foreach (var cell in result.Confusion.Row(index))
        {
            if (cell.Predicted != index && cell.Count > worst.Count) worst = cell;
        }

        return worst.Count == 0 ? "" : $"{result.Classes[worst.Predicted].Name} ({Numbers.Whole(worst.Count)})";
    }
}
