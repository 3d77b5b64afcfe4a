using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>A table of texts.</summary>
/// <param name="Title">What stands over it.</param>
/// <param name="Columns">The columns' heads.</param>
/// <param name="Rows">The rows, as many cells each as there are columns.</param>
public sealed record ReportTable(string Title, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows);

/// <summary>A page of some sentences and tables, with nothing fetched and nothing run.</summary>
/// <param name="Title">The page's title.</param>
/// <param name="Sentences">What stands first, a paragraph each.</param>
/// <param name="Tables">The tables.</param>
public sealed record TableReport(string Title, ImmutableArray<string> Sentences, ImmutableArray<ReportTable> Tables)
{
    /// <summary>The page.</summary>
    public string ToHtml()
    {
        return ReportPage.Html(
            Title,
            "Written by EfficientNetSharp.",
            page =>
            {
                page.Element("h1", Title);
                foreach (string sentence in Sentences) page.Element("p", sentence);
                foreach (var table in Tables) Write(page, table);
            });
    }

    /// <summary>The same as plain text, columns aligned.</summary>
    public string ToText() => string.Join("\n\n", [Title, .. Sentences, .. Tables.Select(Text)]) + "\n";

    private static void Write(MarkupWriter page, ReportTable table)
    {
        page.Element("h2", table.Title);
        using (page.Open("table"))
        {
            using (page.Open("tr"))
            {
                foreach (string column in table.Columns) page.Element("th", column);
            }

            foreach (var row in table.Rows)
            {
                using (page.Open("tr"))
                {
                    foreach (string cell in row) page.Element("td", cell);
                }
            }
        }
    }

    private static string Text(ReportTable table)
    {
        ImmutableArray<ImmutableArray<string>> rows = [table.Columns, .. table.Rows.Select(row => row.Select(VisibleText.Of).ToImmutableArray())];
        int[] widths = [.. Enumerable.Range(0, table.Columns.Length).Select(column => rows.Max(row => row[column].Length))];
        return string.Join(
            "\n", [table.Title, .. rows.Select(row => string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd())]);
    }
}
