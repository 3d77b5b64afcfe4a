using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>The curves of the training.</summary>
internal static class HistorySection
{
    public static void Write(MarkupWriter page, ImmutableArray<EpochRecord> history, Measure measure, int? kept)
    {
        if (history.IsDefaultOrEmpty) return;
        var train = Line("training", "first", history, epoch => epoch.TrainLoss);
        var validation = Line("validation", "second", history, epoch => epoch.ValidationLoss);
        var rate = Line("learning rate", "first", history, epoch => epoch.LearningRate);
        var score = Line("validation", "second", history, epoch => epoch.ValidationScore);

        page.Element("h2", "Training");
        page.Element("p",
            "Training and validation loss should fall together; where validation rises while training falls, the network memorises its images.",
            ("class", "muted"));
        using (page.Open("div", ("class", "charts")))
        {
            Panel(page, "Loss", Chart("Loss over epochs", HasValues(validation) ? [train, validation] : [train]));
            if (HasValues(score))
            {
                string what = char.ToUpperInvariant(measure.Description[0]) + measure.Description[1..];
                var mark = Mark(history, measure, kept);
                Panel(page, $"Validation {measure.Title}",
                    Chart($"{what} on the validation images over epochs", [score], measure.IsShare, mark));
            }

            Panel(page, "Learning rate", Chart("Learning rate over epochs", [rate]));
        }
    }

    // Three stand beside each other, each under its heading.
    private static ScatterChart Chart(
        string description, ImmutableArray<Series> series, bool isShare = false, (double, double, string)? mark = null) => new()
    {
        Description = description,
        Series = series,
        XTitle = "epoch",
        XAxis = AxisKind.WholeNumbers,
        YIsShare = isShare,
        Mark = mark,
        Width = 380,
        Height = 270,
        Intervals = 5,
        MarkerRadius = 3,
    };

    private static Series Line(string name, string style, ImmutableArray<EpochRecord> history, Func<EpochRecord, double?> value) =>
        new(name, style, [.. history.Select(epoch => new ChartPoint(epoch.Epoch, value(epoch) ?? double.NaN))]);

    private static bool HasValues(Series series) => series.Points.Any(point => double.IsFinite(point.Y));

    private static (double, double, string)? Mark(ImmutableArray<EpochRecord> history, Measure measure, int? kept)
    {
        var best = EpochOrder.Best(history, measure);
        var marked = kept is null ? best : history.FirstOrDefault(epoch => epoch.Epoch == kept);
        if (marked is not { ValidationScore: { } score }) return null;
        string value = measure.IsShare ? Numbers.Percent(score) : measure.Format(score);
        // Epoch 0 is what training began with.
        string when = marked.Epoch == 0 ? "before training" : $"epoch {Numbers.Whole(marked.Epoch)}";
        return (marked.Epoch, score, $"{(marked == best ? "best" : "kept")} {value}, {when}");
    }

    private static void Panel(MarkupWriter page, string title, ScatterChart chart)
    {
        using (page.Open("div", ("class", "panel")))
        {
            page.Element("h3", title);
            chart.Write(page);
        }
    }
}
