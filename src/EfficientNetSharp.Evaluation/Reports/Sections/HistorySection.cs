using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Evaluation.Reports.Sections;

/// <summary>The curves of the training.</summary>
internal static class HistorySection
{
    public static void Write(MarkupWriter page, ImmutableArray<EpochRecord> history)
    {
        if (history.IsDefaultOrEmpty) return;
        var train = Line("training", "first", history, epoch => epoch.TrainLoss);
        var validation = Line("validation", "second", history, epoch => epoch.ValidationLoss);
        var top1 = Line("validation", "second", history, epoch => epoch.ValidationTop1);

        page.Element("h2", "Training");
        page.Element("p", "Training and validation loss should fall together; where validation rises while training falls, the network learns its images by heart.", ("class", "muted"));
        using (page.Open("div", ("class", "charts")))
        {
            Panel(page, "Loss", new LineChart
            {
                Description = "Loss over epochs",
                Series = HasValues(validation) ? [train, validation] : [train],
            });
            if (HasValues(top1)) Panel(page, "Validation top-1", new LineChart
            {
                Description = "Top-1 accuracy on the validation images over epochs",
                Series = [top1],
                IsShare = true,
                Mark = Best(top1.Points),
            });
            Panel(page, "Learning rate", new LineChart
            {
                Description = "Learning rate over epochs",
                Series = [Line("learning rate", "first", history, epoch => epoch.LearningRate)],
            });
        }
    }

    private static Series Line(string name, string style, ImmutableArray<EpochRecord> history, Func<EpochRecord, double?> value) =>
        new(name, style, [.. history.Select(epoch => ((double)epoch.Epoch, value(epoch) ?? double.NaN))]);

    private static bool HasValues(Series series) => series.Points.Any(point => double.IsFinite(point.Y));

    private static (double, double, string) Best(ImmutableArray<(double X, double Y)> points)
    {
        // The first of equal ones, as the trainer keeps it.
        var (x, y) = points.Where(point => double.IsFinite(point.Y)).MaxBy(point => point.Y);
        return (x, y, $"best {Numbers.Percent(y)}, epoch {Numbers.Whole((long)x)}");
    }

    private static void Panel(MarkupWriter page, string title, LineChart chart)
    {
        using (page.Open("div", ("class", "panel")))
        {
            page.Element("h3", title);
            chart.Write(page);
        }
    }
}
