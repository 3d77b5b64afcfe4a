using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The numbers that matter most, each with a sentence.</summary>
internal static class CardsSection
{
    public static void Write(MarkupWriter page, IReadOnlyList<(string Name, string Value, string Note)> cards)
    {
        // Five and six stand better in rows of three than of four.
        using (page.Open("div", ("class", cards.Count <= 6 ? "cards thirds" : "cards")))
        {
            foreach (var (name, value, note) in cards) WriteCard(page, name, value, note);
        }
    }

    private static void WriteCard(MarkupWriter page, string name, string value, string note)
    {
        using (page.Open("div", ("class", "card")))
        {
            page.Element("div", name, ("class", "name"));
            page.Element("div", value, ("class", "value"));
            page.Element("p", note, ("class", "note"));
        }
    }
}
