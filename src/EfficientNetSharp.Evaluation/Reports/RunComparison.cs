using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>A training run as it is compared with others.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Network">The architecture.</param>
/// <param name="Start">Where its weights came from: a file's name, or scratch.</param>
/// <param name="Data">Names the images: equal for equal sets.</param>
/// <param name="History">Its epochs.</param>
public sealed record ComparedRun(string Name, string Network, string Start, string Data, ImmutableArray<EpochRecord> History)
{
    /// <summary>The best epoch by validation.</summary>
    public EpochRecord Best => History.MaxBy(record => record.ValidationTop1 ?? double.NegativeInfinity)!;
}

/// <summary>Runs side by side: from scratch, a linear probe, fine-tuned, or with other recipes.</summary>
/// <param name="Runs">At least one, each with an epoch or more.</param>
public sealed record RunComparison(ImmutableArray<ComparedRun> Runs)
{
    // Okabe and Ito's colours, which people with any kind of colour vision tell apart.
    private static readonly string[] Colours = ["#D55E00", "#0072B2", "#009E73", "#A0478A", "#5A6673", "#B8860B", "#56B4E9", "#222222"];

    /// <summary>Whether all runs learned from the same images; their figures compare only then.</summary>
    public bool SameData => Runs.All(run => run.Data == Runs[0].Data);

    /// <summary>Writes <c>runs.md</c> and, where the machine has a font, <c>runs.png</c> and <c>runs.svg</c>.</summary>
    /// <returns>The files.</returns>
    public ImmutableArray<string> Write(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        string table = Path.Combine(folder, "runs.md");
        AtomicFile.WriteText(table, ToMarkdown());
        if (Draw() is not { } plot) return [table];
        string png = Path.Combine(folder, "runs.png"), svg = Path.Combine(folder, "runs.svg");
        AtomicFile.Write(png, stream => stream.Write(plot.Png));
        AtomicFile.WriteText(svg, plot.Svg);
        return [table, png, svg];
    }

    /// <summary>The table as Markdown, the best run first.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("| run | network | weights from | epochs | best epoch | validation top-1 | validation loss |\n|---|---|---|--:|--:|--:|--:|\n");
        foreach (var run in Runs.OrderByDescending(run => run.Best.ValidationTop1))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {run.Name} | `{run.Network}` | {run.Start} | {run.History.Length} | {run.Best.Epoch} | ")
                .Append(CultureInfo.InvariantCulture, $"{100 * run.Best.ValidationTop1:F2} % | {run.Best.ValidationLoss:F4} |\n");
        }

        return text.ToString();
    }

    // A line per run over its epochs.
    private ScalingPlot? Draw()
    {
        var drawn = Runs.Where(run => run.History.Any(record => record.ValidationTop1 is not null)).ToList();
        if (PlotFont.Name is null || drawn.Count == 0) return null;
        int epochs = drawn.Max(run => run.History[^1].Epoch);
        double[] values = [.. drawn.SelectMany(run => run.History).Select(record => record.ValidationTop1).OfType<double>().Select(value => 100 * value)];
        double step = Math.Max(1, Math.Ceiling(epochs / 10.0));
        using var chart = new ScatterChart(
            "Epoch", "Validation top-1 (%)", logarithmic: false, (0, epochs * 1.3), (Math.Floor(values.Min()) - 2, Math.Min(101, Math.Ceiling(values.Max()) + 2)))
        {
            XTicks = [.. Enumerable.Range(0, (int)(epochs / step) + 1).Select(i => i * step)],
        };
        foreach (var (index, run) in drawn.Index())
        {
            string colour = Colours[index % Colours.Length];
            var points = run.History.Where(record => record.ValidationTop1 is not null).Select(record => ((double)record.Epoch, 100 * record.ValidationTop1!.Value)).ToList();
            chart.Line(points, colour, strong: true);
            foreach (var (epoch, top1) in points) chart.Marker(epoch, top1, colour);
            chart.Label(run.Name, points[^1].Item1, points[^1].Item2, colour, LabelSide.Right);
        }

        return chart.Render("runs", "Training runs", "Validation top-1 accuracy of training runs over their epochs.");
    }
}
