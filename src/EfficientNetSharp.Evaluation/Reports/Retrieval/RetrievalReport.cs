using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Evaluation.Retrieval;

namespace EfficientNetSharp.Evaluation.Reports.Retrieval;

/// <summary>
/// Retrieval for people: one self-contained HTML page without scripts or network access. Equal contents give equal pages. The page is also
/// well-formed XML.
/// </summary>
public sealed record RetrievalReport
{
    /// <summary>The measures.</summary>
    public required RetrievalResult Result { get; init; }

    /// <summary>The page's title.</summary>
    public string Title { get; init; } = "Retrieval";

    /// <summary>What was evaluated.</summary>
    public EvaluationSubject Subject { get; init; } = new();

    /// <summary>Gives the name of a label.</summary>
    public Func<int, string>? ClassName { get; init; }

    /// <summary>Gives the name, usually the file, of a query's image.</summary>
    public Func<int, string>? QueryName { get; init; }

    /// <summary>The same for the images that are searched; <see langword="null"/> where those are the queries.</summary>
    public Func<int, string>? GalleryName { get; init; }

    /// <summary>Gives a small JPEG of a query's image, or <see langword="null"/> where there is none.</summary>
    public Func<int, byte[]?>? QueryThumbnail { get; init; }

    /// <summary>The same for the images that are searched; <see langword="null"/> where those are the queries.</summary>
    public Func<int, byte[]?>? GalleryThumbnail { get; init; }

    /// <summary>The class of a query's row.</summary>
    public Func<int, int>? QueryLabel { get; init; }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        return ReportPage.Html(
            Title,
            "Written by EfficientNetSharp. The same numbers are in the evaluation's JSON.",
            page =>
            {
                RetrievalHead.Write(page, this);
                FoundClassesSection.Write(page, this);
                MissedQueriesSection.Write(page, this);
                SubjectSection.Write(page, Subject);
            });
    }
}
