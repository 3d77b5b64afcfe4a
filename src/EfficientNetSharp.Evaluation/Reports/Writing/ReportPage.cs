
namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>What all report pages have around their contents.</summary>
internal static class ReportPage
{
    /// <summary>A whole page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="footer">The line at its end.</param>
    /// <param name="write">Writes what stands between.</param>
    public static string Html(string title, string footer, Action<MarkupWriter> write)
    {
        var page = new MarkupWriter();
        page.Raw("<!DOCTYPE html>\n");
        using (page.Open("html", ("lang", "en")))
        {
            using (page.Open("head")) WriteHead(page, title);
            using (page.Open("body"))
            using (page.Open("main"))
            {
                write(page);
                page.Element("footer", footer);
            }
        }

        return page.ToString();
    }

    private static void WriteHead(MarkupWriter page, string title)
    {
        page.Empty("meta", ("charset", "utf-8"));
        page.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        // The browser enforces it: nothing is fetched and no script runs.
        page.Empty(
            "meta", ("http-equiv", "Content-Security-Policy"),
            ("content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
        page.Element("title", title);
        using (page.Open("style")) page.Raw(StyleSheet.ForPage);
    }
}
