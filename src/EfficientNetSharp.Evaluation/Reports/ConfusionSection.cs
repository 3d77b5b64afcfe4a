using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>Which classes are taken for which: every cell for few classes, the largest confusions and an overview for many.</summary>
internal static class ConfusionSection
{
    /// <summary>Above this many classes counts in cells could not be read.</summary>
    internal const int MaxClasses = 40;

    // A screenful beside nothing, and what fits beside a small matrix.
    private const int Pairs = 30, PairsBeside = 10;

    public static void Write(MarkupWriter page, ClassificationResult result)
    {
        page.Element("h2", "Confusions");
        if (result.Classes.Length <= MaxClasses) WriteMatrix(page, result);
        else WriteOverview(page, result);
    }

    private static void WriteMatrix(MarkupWriter page, ClassificationResult result)
    {
        page.Element("p",
            "A row holds the images of one class, a column what they were taken for; a perfect network fills only the diagonal.",
            ("class", "muted"));
        using (page.Open("div", ("class", "panel flow")))
        {
            using (page.Open("div", ("class", "scroll"))) new HeatMap
            {
                Labels = [.. result.Classes.Select(measures => measures.Name)],
                Matrix = result.Confusion,
                Description = "Confusion matrix",
            }.Write(page);
            using (page.Open("div", ("class", "grow"))) WritePairs(page, result, PairsBeside);
        }
    }

    private static void WriteOverview(MarkupWriter page, ClassificationResult result)
    {
        int classes = result.Classes.Length, size = (classes + MaxClasses - 1) / MaxClasses;
        int groups = (classes + size - 1) / size;
        ImmutableArray<string> labels =
            [.. Enumerable.Range(0, groups).Select(group => Range(group * size, Math.Min(classes, (group + 1) * size) - 1))];
        var blocks = result.Confusion.Cells.Select(cell => new ConfusionCell(cell.Label / size, cell.Predicted / size, cell.Count));
        page.Element("p",
            $"An overview in blocks of {Numbers.Counted(size, "class", "classes")} by number: a row holds the images of one block, "
            + "a column what they were taken for. "
            + "Mistakes within a block lie on the diagonal here; the table below has the pairs.", ("class", "muted"));
        using (page.Open("div", ("class", "panel scroll"))) new HeatMap
        {
            Labels = labels,
            Matrix = new ConfusionMatrix(groups, blocks),
            ShowsCounts = false,
            Description = "Confusion matrix in blocks of classes",
        }.Write(page);
        using (page.Open("div", ("class", "panel"))) WritePairs(page, result, Pairs);

        static string Range(int first, int last) => first == last
            ? first.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{first}–{last}");
    }

    private static void WritePairs(MarkupWriter page, ClassificationResult result, int count)
    {
        var pairs = result.Confusion.MaxConfused(count);
        page.Element("h3", "Most confused");
        if (pairs.IsEmpty)
        {
            page.Element("p", "No image was taken for another class.");
            return;
        }

        using (page.Open("div", ("class", "scroll")))
        using (page.Open("table"))
        {
            using (page.Open("thead"))
            using (page.Open("tr"))
            {
                page.Element("th", "Class");
                page.Element("th", "Taken for");
                page.Element("th", "Images", ("class", "number"));
                page.Element("th", "Of the class", ("class", "number"));
                page.Element("th", "Reverse", ("class", "number"), ("title", "How often the second class was taken for the first"));
            }

            using (page.Open("tbody"))
            {
                foreach (var pair in pairs) WritePair(page, result, pair);
            }
        }
    }

    private static void WritePair(MarkupWriter page, ClassificationResult result, ConfusionCell pair)
    {
        using (page.Open("tr"))
        {
            page.Element("td", result.Classes[pair.Label].Name, ("class", "name"));
            page.Element("td", result.Classes[pair.Predicted].Name, ("class", "name"));
            page.Element("td", Numbers.Whole(pair.Count), ("class", "number"));
            page.Element("td", Numbers.Percent((double)pair.Count / result.Classes[pair.Label].Support), ("class", "number"));
            page.Element("td", Numbers.Whole(result.Confusion[pair.Predicted, pair.Label]), ("class", "number"));
        }
    }
}
