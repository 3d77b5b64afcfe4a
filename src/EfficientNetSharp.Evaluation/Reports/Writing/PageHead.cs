
namespace EfficientNetSharp.Evaluation.Reports.Writing;

/// <summary>What all report pages have in their head.</summary>
internal static class PageHead
{
    public static void Write(MarkupWriter page, string title)
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
