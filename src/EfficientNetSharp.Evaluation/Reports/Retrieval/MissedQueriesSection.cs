using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Retrieval;

namespace EfficientNetSharp.Evaluation.Reports.Retrieval;

/// <summary>The queries that found their class last, with what was nearer.</summary>
internal static class MissedQueriesSection
{
    public static void Write(MarkupWriter page, RetrievalReport report)
    {
        if (report.Result.Worst.IsEmpty) return;
        page.Element("h2", "Queries that found their class last");
        page.Element(
            "p",
            "Each query, the image nearest to it, and the nearest image of its own class. Look at these first: often an image lies in the wrong folder.",
            ("class", "muted"));
        var thumbnails = new Thumbnails();
        using (page.Open("div", ("class", "mistakes wide")))
        {
            foreach (var miss in report.Result.Worst) WriteMiss(page, report, miss, thumbnails);
        }
    }

    private static void WriteMiss(MarkupWriter page, RetrievalReport report, MissedQuery miss, Thumbnails thumbnails)
    {
        var galleryName = report.GalleryName ?? report.QueryName;
        var galleryThumbnail = report.GalleryThumbnail ?? report.QueryThumbnail;
        string query = report.QueryName?.Invoke(miss.Query) ?? $"query {Numbers.Whole(miss.Query)}",
            nearest = galleryName?.Invoke(miss.Nearest) ?? $"image {Numbers.Whole(miss.Nearest)}",
            right = galleryName?.Invoke(miss.Right) ?? $"image {Numbers.Whole(miss.Right)}";
        using (page.Open("figure"))
        {
            if (report.QueryThumbnail is { } thumbnail)
            {
                using (page.Open("div", ("class", "row")))
                {
                    thumbnails.Write(page, thumbnail(miss.Query), query);
                    thumbnails.Write(page, galleryThumbnail!(miss.Nearest), nearest);
                    thumbnails.Write(page, galleryThumbnail(miss.Right), right);
                }
            }

            using (page.Open("figcaption"))
            {
                if (report is { QueryLabel: { } labelOf, ClassName: { } nameOf }) page.Element("b", nameOf(labelOf(miss.Query)));
                page.Element("div", query, ("class", "file"));
                page.Element("div", $"nearest {Numbers.Fixed(miss.Cosine, 4)}: {nearest}", ("class", "file"));
                page.Element("div", $"place {Numbers.Whole(miss.Rank)}, {Numbers.Fixed(miss.RightCosine, 4)}: {right}", ("class", "file"));
            }
        }
    }
}
