using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Verification;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>
/// A verification for people: one self-contained HTML page without scripts or network access. Equal contents give equal pages. The page is
/// also well-formed XML.
/// </summary>
public sealed record VerificationReport
{
    /// <summary>The measures.</summary>
    public required VerificationResult Result { get; init; }

    /// <summary>The pairs that were scored.</summary>
    public required ImmutableArray<RowPair> Pairs { get; init; }

    /// <summary>The score of each pair.</summary>
    public required ImmutableArray<double> Scores { get; init; }

    /// <summary>The page's title.</summary>
    public string Title { get; init; } = "Verification";

    /// <summary>What was evaluated.</summary>
    public EvaluationSubject Subject { get; init; } = new();

    /// <summary>What a reader should know before all numbers, a sentence each.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>Measures of standard protocols, each as a name, a value and a sentence.</summary>
    public ImmutableArray<(string Name, string Value, string Note)> Protocols { get; init; } = [];

    /// <summary>Gives a small JPEG of the image of a row, or <see langword="null"/> where there is none.</summary>
    public Func<int, byte[]?>? Thumbnail { get; init; }

    /// <summary>Gives the name, usually the file, of the image of a row.</summary>
    public Func<int, string>? ImageName { get; init; }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        return ReportPage.Html(
            Title,
            "Written by EfficientNetSharp. The same numbers are in the verification's JSON.",
            page =>
            {
                ThresholdsSection.WriteHead(page, this);
                ThresholdsSection.Write(page, Result);
                ScoresSection.Write(page, this);
                WorstPairsSection.Write(page, this);
                SubjectSection.Write(page, Subject);
            });
    }
}
