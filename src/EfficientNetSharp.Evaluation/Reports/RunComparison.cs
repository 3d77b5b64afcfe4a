using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>A training run to compare with others.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Network">The architecture.</param>
/// <param name="Start">Where its weights came from: a file's name, or scratch.</param>
/// <param name="Data">Fingerprint of the images: equal for equal datasets.</param>
/// <param name="History">Its epochs.</param>
public sealed record ComparedRun(string Name, string Network, string Start, string Data, ImmutableArray<EpochRecord> History)
{
    /// <summary>What <see cref="EpochRecord.ValidationScore"/> is; default <see cref="Measure.Top1"/>.</summary>
    public Measure Score { get; init; } = Measure.Top1;

    /// <summary>The best epoch by validation (<see cref="EpochOrder"/>); <see langword="null"/> where none was validated.</summary>
    public EpochRecord? Best => EpochOrder.Best(History, Score);
}

/// <summary>Runs side by side: from scratch, as a linear probe, fine-tuned, or with other recipes.</summary>
/// <param name="Runs">At least one, each with at least one epoch, all judged by the same <see cref="ComparedRun.Score"/>.</param>
public sealed record RunComparison(ImmutableArray<ComparedRun> Runs)
{
    /// <summary>Whether all runs were trained on the same images; only then do their figures compare.</summary>
    public bool SameData => Runs.All(run => run.Data == Runs[0].Data);

    private Measure Score => Runs[0].Score;

    /// <summary>Writes <c>runs.md</c> and, where a run was validated, <c>runs.svg</c>.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public ImmutableArray<string> Write(string folder) =>
        Plot() is { } plot
            ? ReportFolder.Write(folder, ("runs.md", ToMarkdown()), ("runs.svg", plot.ToSvg()))
            : ReportFolder.Write(folder, ("runs.md", ToMarkdown()));

    /// <summary>The table as Markdown, the best run first.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder(
            $"| run | network | weights from | epochs | best epoch | validation {Score.Title} | validation loss |\n" +
            "|---|---|---|--:|--:|--:|--:|\n");
        foreach (var run in EpochOrder.BestFirst(Runs, Score, run => (run.Best?.ValidationScore, run.Best?.ValidationLoss), _ => 0))
        {
            var best = run.Best;
            text.Append(CultureInfo.InvariantCulture,
                $"| {MarkdownText.Cell(run.Name)} | {Code(run.Network)} | {MarkdownText.Cell(run.Start)} | ")
                .Append(CultureInfo.InvariantCulture, $"{run.History[^1].Epoch} | {best?.Epoch} | ")
                .Append(best?.ValidationScore is { } score ? Score.Format(score) : "")
                .Append(CultureInfo.InvariantCulture, $" | {best?.ValidationLoss:F4} |\n");
        }

        return text.ToString();
    }

    private static string Code(string text) =>
        $"`{VisibleText.Of(text).Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`";

    // A line per run over its epochs, its best one labelled.
    private ScatterChart? Plot()
    {
        var validated = Runs.Where(run => run.History.Any(record => record.ValidationScore is not null)).ToList();
        return validated.Count == 0 ? null : new ScatterChart
        {
            Description = $"Validation {Score.Description} of training runs over their epochs.",
            XTitle = "epoch",
            YTitle = $"validation {Score.Title}",
            XAxis = AxisKind.WholeNumbers,
            YIsShare = Score.IsShare,
            Series =
            [
                .. validated.Select((run, index) => Series.At(index, run.Name, [.. run.History.Select(record => Place(run, record))])),
            ],
        };
    }

    private static ChartPoint Place(ComparedRun run, EpochRecord record)
    {
        if (record.ValidationScore is not { } score) return new ChartPoint(record.Epoch, double.NaN);
        string text = run.Score.IsShare ? Numbers.Percent(score) : run.Score.Format(score);
        string? label = ReferenceEquals(record, run.Best) ? text : null;
        return new ChartPoint(record.Epoch, score, label, $"{run.Name}, epoch {record.Epoch}: {text}");
    }
}
