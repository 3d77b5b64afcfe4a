using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>
/// A confusion matrix in colours: the diagonal in the first colour, mistakes in the second, stronger the larger their share
/// of the row.
/// </summary>
internal sealed class HeatMap
{
    private const double LabelSize = 11, LegendHeight = 34, LegendWidth = 440;

    /// <summary>Names of rows and columns; cut where they are long.</summary>
    public required ImmutableArray<string> Labels { get; init; }

    /// <summary>The counts.</summary>
    public required ConfusionMatrix Matrix { get; init; }

    /// <summary>Whether the counts stand in the cells.</summary>
    public bool ShowsCounts { get; init; } = true;

    public required string Description { get; init; }

    // Room for four characters, and forty classes with their names still fit into the page's width.
    private double Cell => Labels.Length switch { <= 8 => 52, <= 14 => 42, <= 24 => 32, _ => ShowsCounts ? 20 : 18 };

    private double WidestLabel => Labels.Length <= 24 ? 150 : 110;

    public void Write(MarkupWriter page)
    {
        var svg = new SvgWriter(page);
        string[] names = [.. Labels.Select(label => TextWidth.Cut(label, LabelSize, WidestLabel))];
        double widest = names.Max(name => TextWidth.Of(name, LabelSize)), side = Cell * Labels.Length;
        // Column names lean by 45 degrees: they need this much above the matrix and beyond its right edge.
        double lean = (widest + LabelSize) * Math.Sqrt(0.5);
        double left = 22 + widest + 10, top = LegendHeight + 18 + lean + 8;
        using (svg.Open(Math.Max(left + side + lean + 4, LegendWidth), top + side + 4, Description))
        {
            WriteLegend(svg);
            svg.Text(left + (side / 2), LegendHeight + 12, "taken for", "muted", "middle");
            svg.Text(12, top + (side / 2), "belongs to", "muted", "middle", -90);
            for (int i = 0; i < names.Length; i++)
            {
                double centre = (i + 0.5) * Cell;
                string? whole = names[i] == Labels[i] ? null : Labels[i];
                svg.Text(left - 8, top + centre + 4, names[i], "middle", "end", tooltip: whole);
                svg.Text(left + centre + 3, top - 8, names[i], "middle", rotation: -45, tooltip: whole);
            }

            WriteCells(svg, left, top);
        }
    }

    private void WriteCells(SvgWriter svg, double left, double top)
    {
        double side = Cell * Labels.Length;
        for (int i = 1; i < Labels.Length; i++)
        {
            svg.Line(left + (i * Cell), top, left + (i * Cell), top + side, "grid");
            svg.Line(left, top + (i * Cell), left + side, top + (i * Cell), "grid");
        }

        for (int label = 0; label < Labels.Length; label++)
        {
            long total = 0;
            foreach (var cell in Matrix.Row(label)) total += cell.Count;
            foreach (var cell in Matrix.Row(label)) WriteCell(svg, cell, (double)cell.Count / total, left, top);
        }

        svg.Rectangle(left, top, side, side, "frame");
    }

    private void WriteCell(SvgWriter svg, ConfusionCell cell, double share, double left, double top)
    {
        double x = left + (cell.Predicted * Cell), y = top + (cell.Label * Cell), opacity = Opacity(share);
        string tooltip =
            $"{Labels[cell.Label]} taken for {Labels[cell.Predicted]}: {Numbers.Whole(cell.Count)} ({Numbers.Percent(share)} of the row)";
        svg.Rectangle(x + 0.5, y + 0.5, Cell - 1, Cell - 1, Colour(cell.Label == cell.Predicted), opacity, tooltip);
        if (!ShowsCounts) return;
        bool isRight = cell.Label == cell.Predicted;
        string text = Numbers.Cell(cell.Count);
        string size = Cell < 30 ? (text.Length > 3 ? "tiny" : "small") : Cell < 40 ? "middle" : "";
        // Letters change colour where the cell becomes too strong for the page's own, which is later on the darker blue.
        string colour = isRight ? (opacity > 0.75 ? "on-first " : "") : (opacity > 0.6 ? "on-second " : "");
        svg.Text(x + (Cell / 2), y + (Cell / 2) + (Cell < 30 ? 3 : 4), text, (colour + size).TrimEnd(), "middle");
    }

    private static void WriteLegend(SvgWriter svg)
    {
        const int Steps = 6;
        const double Block = 14;
        double x = 0;
        foreach (bool right in new[] { true, false })
        {
            for (int i = 0; i < Steps; i++) svg.Rectangle(x + (i * Block), 2, Block, 12, Colour(right), Opacity((i + 1.0) / Steps));
            string text = right ? "right" : "wrong";
            svg.Text(x + (Steps * Block) + 7, 12, text);
            x += (Steps * Block) + 7 + TextWidth.Of(text, 12) + 14;
        }

        svg.Text(x, 12, "0 → 100% of the row", "muted");
    }

    private static string Colour(bool right) => right ? "solid first" : "solid second";

    // The square root lifts small shares, where the mistakes are, off the background.
    private static double Opacity(double share) => Math.Round(0.08 + (0.92 * Math.Sqrt(share)), 2);
}
