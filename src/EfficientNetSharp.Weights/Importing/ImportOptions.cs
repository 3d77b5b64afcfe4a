using System.Collections.Immutable;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>How weights are taken over.</summary>
public sealed record ImportOptions
{
    /// <summary>Whose names they have; told from the names where <see langword="null"/>.</summary>
    public NameMap? Source { get; init; }

    /// <summary>
    /// Classes that the model is to have; the file's where <see langword="null"/>. Another number than the file's needs
    /// <see cref="ResetHead"/>; 0 leaves the classifier out.
    /// </summary>
    public int? Classes { get; init; }

    /// <summary>Whether the classifier is drawn anew instead of taken over, as transfer learning wants it.</summary>
    public bool ResetHead { get; init; }

    /// <summary>
    /// The classes in the order of the outputs; where <see langword="null"/> those that the file says or that
    /// <see cref="Published"/> is known to have, else numbers.
    /// </summary>
    public ClassList? ClassList { get; init; }

    /// <summary>
    /// Which of several networks in the file is taken, by what stands before its tensors' names, such as <c>student</c>; what is not behind
    /// it is left out. Where <see langword="null"/>, the only one, or of weights and their moving average the one that
    /// <see cref="PreferAverage"/> says.
    /// </summary>
    public string? Prefix { get; init; }

    /// <summary>
    /// Whether a head that is no plain classifier, such as several layers, is left out with a remark instead of refused; for who replaces the
    /// classifier anyway.
    /// </summary>
    public bool LeaveOutOtherHeads { get; init; }

    /// <summary>
    /// Channels that the model's input is to have; the file's where <see langword="null"/>. One channel sums the file's kernels over
    /// theirs, other numbers repeat them and scale by the ratio (timm's rule), so that the first map keeps its size.
    /// </summary>
    public int? InputChannels { get; init; }

    /// <summary>
    /// Whether <see cref="AdjustPreprocessing"/> gives mean and deviation itself, so that those of the file need not be understood.
    /// </summary>
    public bool ScaleIsGiven { get; init; }

    /// <summary>Changes what is done to images beforehand; it gets the source's rule. <see langword="null"/> keeps that.</summary>
    public Func<Preprocessing, Preprocessing>? AdjustPreprocessing { get; init; }

    /// <summary>
    /// Whether moving averages are taken where a checkpoint has them beside the weights; published accuracies are theirs. A PyTorch file that
    /// is open already says it itself (<see cref="Formats.WeightFile.Open"/>).
    /// </summary>
    public bool PreferAverage { get; init; } = true;

    /// <summary>Whether an output for "background" before 1,000 classes is kept; TensorFlow's networks of 1,001 classes have one.</summary>
    public bool KeepBackground { get; init; }

    /// <summary>The published weights that the file is known to be; its provenance goes into the model card.</summary>
    public PublishedWeights? Published { get; init; }

    /// <summary>Seed of a classifier that is drawn anew.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Weights that were taken over.</summary>
/// <param name="Model">The model.</param>
/// <param name="Source">Whose names they had.</param>
/// <param name="Remarks">What was done beyond taking them over, each a sentence.</param>
public sealed record ImportedModel(Model Model, NameMap Source, ImmutableArray<string> Remarks);
