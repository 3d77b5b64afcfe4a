using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>The report as a page and as Markdown, both from the same tables.</summary>
internal static class ScalingPages
{
    /// <summary>The line at the end of pages about the paper.</summary>
    public const string Footer =
        "Written by EfficientNetSharp. Paper: M. Tan and Q. V. Le, EfficientNet: Rethinking Model Scaling for Convolutional "
        + "Neural Networks, arXiv 1905.11946 v5.";

    private const string Title = "Compound scaling: the paper's numbers and ours";

    private const string Lead =
        "FLOPs are multiply-adds of convolutions and linear layers for one image. Accuracies are top-1 on ImageNet as published; "
        + "nothing here was trained. The paper prints FLOPs with one or two digits, so a ratio within about 0.9 to 1.1 is agreement.";

    private const string FormulaLead =
        "B1–B7 ship with multipliers rounded by hand. They are closest to the compound coefficients below, but the formula does not give them: "
        + "the registry holds the shipped table.";

    public static IEnumerable<ScalingTable> Tables(ScalingReport report)
    {
        yield return Paper("Table 3: scaling MobileNets and ResNet-50", report.Table3);
        yield return Paper("Table 7: scaling EfficientNet-B0", report.Table7);
        yield return new ScalingTable(
            "B0–B7: the shipped table and the formula", FormulaLead,
            [
                "network", "φ", "depth shipped", "1.2^φ", "width shipped", "1.1^φ", "pixels shipped", "224·1.15^φ", "GMACs shipped",
                "GMACs of the formula",
            ],
            [.. report.Formula.Select(row => ImmutableArray.Create(
                row.Name, Numbers.Fixed(row.Phi, 1), Numbers.Fixed(row.Shipped.Depth, 1), Numbers.Fixed(row.Formula.Depth, 2),
                Numbers.Fixed(row.Shipped.Width, 1), Numbers.Fixed(row.Formula.Width, 2), $"{row.ShippedResolution}",
                $"{row.FormulaResolution}",
                Numbers.Fixed(row.ShippedMacs / 1e9, 3), Numbers.Fixed(row.FormulaMacs / 1e9, 3)))],
            1);
        foreach (var table in GridTables.All()) yield return table;
    }

    /// <summary>What does not fit, each once, with the rows concerned.</summary>
    public static IEnumerable<string> Notes(ScalingReport report) => report.Table3.Concat(report.Table7)
        .Where(row => row.Published.Note is not null)
        .GroupBy(row => (row.Published.Note, Table: report.Table7.Contains(row) ? 7 : 3))
        .Select(group => $"Table {group.Key.Table}, {Named(group)}: {group.Key.Note}.");

    // ResNet-50 d = 4, w = 2 and MobileNetV2 compound.
    private static string Named(IEnumerable<ScalingReportRow> rows) => string.Join(
        " and ", rows.GroupBy(row => row.Published.Name)
        .Select(named => $"{named.Key} {string.Join(", ", named.Select(row => row.Published.Label))}"));

    public static string Markdown(ScalingReport report, ImmutableArray<ScalingPlot> plots)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Title).Append("\n\n").Append(Lead).Append('\n');
        foreach (var plot in plots) text.Append("\n![").Append(plot.Title).Append("](").Append(plot.FileName).Append(")\n");
        foreach (var table in Tables(report)) WriteTable(text, table);

        text.Append("\n## Where the paper's numbers do not fit\n\n");
        foreach (string note in Notes(report)) text.Append("- ").Append(note).Append('\n');
        return text.ToString();
    }

    public static string Html(ScalingReport report, ImmutableArray<ScalingPlot> plots)
    {
        return ReportPage.Html(
            Title,
            Footer,
            page =>
            {
                page.Element("h1", Title);
                page.Element("p", Lead, ("class", "muted"));
                foreach (var plot in plots) WritePlot(page, plot);
                foreach (var table in Tables(report)) WriteTable(page, table);
                page.Element("h2", "Where the paper’s numbers do not fit");
                foreach (string note in Notes(report)) page.Element("p", note);
            });
    }

    private static ScalingTable Paper(string title, ImmutableArray<ScalingReportRow> rows) => new(
        title, "", ["network", "scaling", "paper FLOPs", "our GMACs", "ratio", "parameters", "pixels", "top-1 published"],
        [.. rows.Select(row => ImmutableArray.Create(
            row.Published.Name, row.Published.Label, Numbers.Fixed(row.Published.PaperFlops / 1e9, 1) + " G",
            Numbers.Fixed(row.Macs / 1e9, 3),
            Numbers.Fixed(row.Ratio, 2) + (row.Published.Note is null ? "" : " *"), Numbers.Whole(row.Parameters), $"{row.Resolution}",
            Numbers.Fixed(row.Published.Top1, 1) + " %"))],
        2);

    private static void WritePlot(MarkupWriter page, ScalingPlot plot)
    {
        page.Element("h2", plot.Title);
        page.Element("p", plot.Chart.Description, ("class", "muted"));
        using (page.Open("div", ("class", "panel scroll"))) plot.Chart.Write(page);
    }

    /// <summary>Writes a table with its heading as Markdown.</summary>
    public static void WriteTable(StringBuilder text, ScalingTable table)
    {
        text.Append("\n## ").Append(table.Title).Append("\n\n");
        if (table.Lead.Length > 0) text.Append(table.Lead).Append("\n\n");
        text.Append("| ").AppendJoin(" | ", table.Columns).Append(" |\n|")
            .AppendJoin('|', table.Columns.Select((_, index) => index < table.TextColumns ? "---" : "---:")).Append("|\n");
        foreach (var row in table.Rows) text.Append("| ").AppendJoin(" | ", row.Select(MarkdownText.Cell)).Append(" |\n");
    }

    /// <summary>Writes a table with its heading.</summary>
    public static void WriteTable(MarkupWriter page, ScalingTable table)
    {
        page.Element("h2", table.Title);
        if (table.Lead.Length > 0) page.Element("p", table.Lead, ("class", "muted"));
        using (page.Open("div", ("class", "panel scroll")))
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                for (int i = 0; i < table.Columns.Length; i++) page.Element("th", table.Columns[i], ("class", Kind(i)));
            }

            foreach (var row in table.Rows)
            {
                using (page.Open("tr"))
                {
                    for (int i = 0; i < row.Length; i++) page.Element("td", row[i], ("class", Kind(i)));
                }
            }
        }

        string Kind(int column) => column < table.TextColumns ? "text" : "number";
    }
}
