using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Verification;

/// <summary>The impostor pairs that look most alike, and the genuine pairs that look least alike.</summary>
internal static class WorstPairsSection
{
    public static void Write(MarkupWriter page, VerificationReport report)
    {
        var thumbnails = new Thumbnails();
        Write(
            page, report, thumbnails, "Strangers most alike",
            "Impostor pairs with the highest cosines. Look at these first: often two folders hold one identity, and then all rates above are too high.",
            report.Result.WorstImpostors);
        Write(
            page, report, thumbnails, "Genuine pairs least alike",
            "Genuine pairs with the lowest cosines: images in the wrong folder, of bad quality, or not aligned.",
                report.Result.WorstGenuine);
    }

    private static void Write(
        MarkupWriter page, VerificationReport report, Thumbnails thumbnails, string title, string note, ImmutableArray<int> pairs)
    {
        if (pairs.IsEmpty) return;
        page.Element("h2", title);
        page.Element("p", note, ("class", "muted"));
        using (page.Open("div", ("class", "mistakes wide")))
        {
            foreach (int pair in pairs)
            {
                using (page.Open("figure"))
                {
                    var (first, second, _) = report.Pairs[pair];
                    if (report.Thumbnail is { } thumbnail)
                    {
                        using (page.Open("div", ("class", "row")))
                        {
                            thumbnails.Write(page, thumbnail(first), NameOf(report, first));
                            thumbnails.Write(page, thumbnail(second), NameOf(report, second));
                        }
                    }

                    using (page.Open("figcaption"))
                    {
                        page.Element("b", Numbers.Fixed(report.Scores[pair], 4));
                        page.Element("div", NameOf(report, first), ("class", "file"));
                        page.Element("div", NameOf(report, second), ("class", "file"));
                    }
                }
            }
        }
    }

    private static string NameOf(VerificationReport report, int row) => report.ImageName?.Invoke(row) ?? $"image {Numbers.Whole(row)}";
}
