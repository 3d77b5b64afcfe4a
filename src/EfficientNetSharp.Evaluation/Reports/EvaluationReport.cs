using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>
/// An evaluation for people: one self-contained HTML page without scripts or network access. Equal contents give equal pages.
/// The page is also well-formed XML.
/// </summary>
public sealed record EvaluationReport
{
    /// <summary>The measures.</summary>
    public required ClassificationResult Result { get; init; }

    /// <summary>The page's title.</summary>
    public string Title { get; init; } = "Evaluation";

    /// <summary>What was evaluated.</summary>
    public EvaluationSubject Subject { get; init; } = new();

    /// <summary>The epochs of training in order; without any there are no curves.</summary>
    public ImmutableArray<EpochRecord> History { get; init; } = [];

    /// <summary>What <see cref="EpochRecord.ValidationScore"/> is; default <see cref="Measure.Top1"/>.</summary>
    public Measure HistoryScore { get; init; } = Measure.Top1;

    /// <summary>
    /// The epoch whose weights are judged, which the curve marks; <see langword="null"/>, the default, for the best by validation.
    /// </summary>
    public int? KeptEpoch { get; init; }

    /// <summary>
    /// Images of training and validation that could not be read, beside those of <see cref="Result"/>; without any nothing is said.
    /// </summary>
    public ImmutableArray<BrokenImage> UnreadableInTraining { get; init; } = [];

    /// <summary>
    /// Gives a small JPEG of the image with a <see cref="Mistake.Index"/>, at best about 160 pixels per side, or
    /// <see langword="null"/> where there is none. Without it mistakes are listed without images.
    /// </summary>
    public Func<int, byte[]?>? Thumbnail { get; init; }

    /// <summary>Gives the name, usually the file, of the image with a <see cref="Mistake.Index"/>.</summary>
    public Func<int, string?>? ImageName { get; init; }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        return ReportPage.Html(
            Title,
            "Written by EfficientNetSharp. Shares are of the images evaluated; the same numbers are in the evaluation's JSON.",
            page =>
            {
                HeadlineSection.Write(page, this);
                HistorySection.Write(page, History, HistoryScore, KeptEpoch);
                ConfusionSection.Write(page, Result);
                ClassesSection.Write(page, Result);
                CalibrationSection.Write(page, Result);
                MistakesSection.Write(page, this);
            });
    }
}
