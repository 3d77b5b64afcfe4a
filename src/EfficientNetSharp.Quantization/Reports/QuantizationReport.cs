using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Evaluation.Reports.Writing;
using EfficientNetSharp.Quantization.Measuring;

namespace EfficientNetSharp.Quantization.Reports;

/// <summary>
/// A quantization for people: one self-contained HTML page without scripts or network access. Equal contents give equal pages. The page is
/// also well-formed XML.
/// </summary>
public sealed record QuantizationReport
{
    /// <summary>The page's title.</summary>
    public string Title { get; init; } = "Quantization";

    /// <summary>What was quantized.</summary>
    public EvaluationSubject Subject { get; init; } = new();

    /// <summary>How numbers became integers.</summary>
    public required QuantizationScheme Scheme { get; init; }

    /// <summary>What was tried, in order.</summary>
    public required ImmutableArray<QuantizationStep> Steps { get; init; }

    /// <summary>The result on images that nothing was chosen by; <see langword="null"/> where none was left.</summary>
    public HeldOutComparison? HeldOut { get; init; }

    /// <summary>Whether the outputs are classes.</summary>
    public bool IsClassifier { get; init; }

    /// <summary>Each value.</summary>
    public required ImmutableArray<LayerAnalysis> Layers { get; init; }

    /// <summary>What errors of preprocessing would do.</summary>
    public ImmutableArray<PreprocessingError> PreprocessingErrors { get; init; } = [];

    /// <summary>What a reader should know of the images, a sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Bytes of the model file, and of the float weights.</summary>
    public required (long Integers, long Floats) Bytes { get; init; }

    /// <summary>Writes the page whole or not at all; a missing folder is created.</summary>
    /// <param name="path">The file, usually <c>.html</c>.</param>
    /// <exception cref="InvalidInputException">The path is no place for a file, or may not be written.</exception>
    /// <exception cref="Files.WriteFailedException">Writing failed, for example because the disk is full.</exception>
    public void Save(string path) => ReportWriter.Write(path, ToHtml());

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        return ReportPage.Html(
            Title,
            "Written by EfficientNetSharp. The same numbers are in the JSON of 'effnet quantize --json'.",
            page =>
            {
                page.Element("h1", Title);
                page.Element("p", $"{Scheme.Name}: {Scheme.Description}.", ("class", "muted"));
                foreach (string warning in Warnings) page.Element("p", $"Images to calibrate with: {warning}", ("class", "warning"));
                ResultSection.Write(page, this);
                ThresholdsSection.Write(page, HeldOut?.Thresholds);
                StepsSection.Write(page, this);
                LayersSection.Write(page, this);
                PreprocessingSection.Write(page, this);
                SubjectSection.Write(page, Subject);
            });
    }
}
