using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// How well a classifier did on a set of labelled images. All shares are fractions 0…1. <see cref="EvaluationJson"/> writes it
/// with the names of the properties in camel case.
/// </summary>
/// <remarks>
/// A row of logits is <em>invalid</em> where its softmax is not defined (a NaN, a +∞, or nothing but −∞) and
/// <em>constant</em> where all of its two or more logits are equal. Neither predicts a class: both count as wrong in top-1, top-5 and
/// recall and are left out of <see cref="Confusion"/>, so a broken network never profits from how ties are broken. Among other equal
/// logits the lowest class comes first. A dataset without images has 0 everywhere and no loss.
/// </remarks>
public sealed record ClassificationResult
{
    /// <summary>Images evaluated, including those of invalid and constant rows.</summary>
    public required long Count { get; init; }

    /// <summary>Share of images whose label has the largest logit.</summary>
    public required double Top1 { get; init; }

    /// <summary>
    /// Share of images whose label is among the 5 largest logits. With fewer than 5 classes every label is, so that only invalid
    /// and constant rows are wrong.
    /// </summary>
    public required double Top5 { get; init; }

    /// <summary>
    /// Mean cross-entropy in nats over the rows that are not invalid; <see langword="null"/> without such a row or where it is
    /// infinite (the label's logit was −∞).
    /// </summary>
    public required double? Loss { get; init; }

    /// <summary>Mean of the precision over the classes that have images.</summary>
    public required double MacroPrecision { get; init; }

    /// <summary>Mean of the recall over the classes that have images, also called balanced accuracy.</summary>
    public required double MacroRecall { get; init; }

    /// <summary>Mean of F1 over the classes that have images.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>
    /// Expected calibration error (Guo et al. 2017, “On Calibration of Modern Neural Networks”, eq. 3):
    /// Σ share of bin · |accuracy − confidence| over <see cref="Calibration"/>. Invalid rows have no confidence and are left out.
    /// </summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>Images per second, reading included; <see langword="null"/> where it was not measured.</summary>
    public required double? ImagesPerSecond { get; init; }

    /// <summary>Images that could not be read; they are not in <see cref="Count"/>.</summary>
    public required long BrokenImages { get; init; }

    /// <summary>
    /// Which images could not be read and why, in the dataset's order; empty where only their number is known, as in files of before.
    /// </summary>
    // Reading JSON without it leaves the default, whatever stands behind the property.
    public ImmutableArray<BrokenImage> Unreadable { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Rows whose softmax is not defined.</summary>
    public required long InvalidRows { get; init; }

    /// <summary>Rows whose logits are all equal.</summary>
    public required long ConstantRows { get; init; }

    /// <summary>The measures of each class, in the order of the outputs.</summary>
    public required ImmutableArray<ClassMeasures> Classes { get; init; }

    /// <summary>The bins of the reliability diagram, from low to high confidence.</summary>
    public required ImmutableArray<CalibrationBin> Calibration { get; init; }

    /// <summary>Wrong answers of the highest confidence, highest first; equal ones by index.</summary>
    public required ImmutableArray<Mistake> WorstMistakes { get; init; }

    /// <summary>Labels against predictions.</summary>
    public required ConfusionMatrix Confusion { get; init; }
}

/// <summary>
/// How well one class is told from the others. A share whose denominator is 0 is 0, as with scikit-learn's <c>zero_division=0</c>.
/// </summary>
/// <param name="Name">The class's name.</param>
/// <param name="Precision">Share of the images predicted as this class that belong to it.</param>
/// <param name="Recall">Share of the images of this class that were predicted as it.</param>
/// <param name="F1">Harmonic mean of precision and recall: 2·hits / (support + predicted).</param>
/// <param name="Support">Images of this class.</param>
/// <param name="Predicted">Images predicted as this class.</param>
public sealed record ClassMeasures(string Name, double Precision, double Recall, double F1, long Support, long Predicted);

/// <summary>Images of similar confidence, the softmax of the predicted class.</summary>
/// <param name="Lower">Confidences above this…</param>
/// <param name="Upper">…up to and including this are in the bin.</param>
/// <param name="Count">Images.</param>
/// <param name="Confidence">Their mean confidence; 0 for an empty bin.</param>
/// <param name="Accuracy">Share of them that were right; 0 for an empty bin.</param>
public sealed record CalibrationBin(double Lower, double Upper, long Count, double Confidence, double Accuracy);

/// <summary>An image predicted as another class.</summary>
/// <param name="Index">The image's index, as given to the meter.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class that the network predicted.</param>
/// <param name="Confidence">Softmax of the predicted class.</param>
public sealed record Mistake(int Index, int Label, int Predicted, double Confidence);
