using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>How many items fall into each of ten equal steps of a share.</summary>
internal sealed class BarChart
{
    private const double Width = 520, Height = 240, Left = 58, Right = 18, Top = 24, Bottom = 46;

    public required string Description { get; init; }

    /// <summary>The title of the axis of shares.</summary>
    public required string ShareTitle { get; init; }

    /// <summary>The title of the axis of counts.</summary>
    public required string CountTitle { get; init; }

    /// <summary>Counts from the lowest step to the highest.</summary>
    public required ImmutableArray<long> Counts { get; init; }

    public void Write(MarkupWriter page)
    {
        var svg = new SvgWriter(page);
        var x = Axis.Fixed(0, 1, 0.2, Left, Width - Right);
        var y = Axis.Around(Counts.Select(count => (double)count).Append(0), Height - Bottom, Top, 4);
        using (svg.Open(Width, Height, Description))
        {
            // Counts are whole: steps below 1 would repeat themselves.
            foreach (double tick in y.Ticks.Where(tick => tick == Math.Floor(tick)))
            {
                svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "grid");
                svg.Text(Left - 8, y.At(tick) + 4, y.Label(tick), "muted", "end");
            }

            svg.Text(Left, 12, CountTitle, "muted");
            for (int i = 0; i < Counts.Length; i++)
            {
                double start = x.At((double)i / Counts.Length), end = x.At((i + 1.0) / Counts.Length), level = y.At(Counts[i]);
                if (Counts[i] == 0) continue;
                svg.Rectangle(start + 1, level, end - start - 2, y.At(0) - level, "solid first", 0.85, Numbers.Whole(Counts[i]));
            }

            svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
            foreach (double tick in x.Ticks) svg.Text(x.At(tick), Height - Bottom + 18, x.PercentLabel(tick), "muted", "middle");
            svg.Text((Left + Width - Right) / 2, Height - 8, ShareTitle, "muted", "middle");
        }
    }
}
