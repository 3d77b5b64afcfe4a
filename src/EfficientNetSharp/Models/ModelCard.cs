using System.Collections.Immutable;

namespace EfficientNetSharp.Models;

/// <summary>What travels with weights: classes, preprocessing and where they come from.</summary>
public sealed record ModelCard
{
    /// <summary>Names of the classes in the order of the outputs; empty for a network without a classifier.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>
    /// What else the classes are known by, in the same order: WordNet ids for ImageNet's (<c>n01440764</c>). Data may name a class by
    /// either, and only the ids tell classes apart that share a name. Empty where there are none.
    /// </summary>
    public ImmutableArray<string> ClassIds { get; init; } = [];

    /// <summary>What is done to an image before the network sees it.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The classes by all that they are known by.</summary>
    public ClassList ListClasses() => new(Classes) { Ids = ClassIds };

    /// <summary>Channels of the input: as many as the preprocessing has means.</summary>
    public int InputChannels => Preprocessing.Mean.Length;

    /// <summary>
    /// Thresholds for comparing embeddings, one set per precision, with and without mirror images; empty where nobody has measured any.
    /// </summary>
    public ImmutableArray<MatchThresholds> Thresholds { get; init; } = [];

    /// <summary>The threshold for a false accept rate.</summary>
    /// <param name="falseAcceptRate">The rate, one of those that were measured: nothing is interpolated.</param>
    /// <param name="precision">The precision that the network computes in, such as <see cref="MatchThresholds.SinglePrecision"/>.</param>
    /// <param name="flip">Whether embeddings of mirror images are added.</param>
    /// <exception cref="InvalidInputException">There is none; the message says which there are.</exception>
    public MatchThreshold ThresholdFor(double falseAcceptRate, string precision = MatchThresholds.SinglePrecision, bool flip = false)
    {
        string way = $"{precision}{(flip ? " with mirror images" : "")}";
        var own = Thresholds.FirstOrDefault(set => set.Precision == precision && set.Flip == flip);
        if (own is null)
        {
            string others = Thresholds.IsEmpty ? "none" : string.Join(
                ", ", Thresholds.Select(set => $"{set.Precision}{(set.Flip ? " with mirror images" : "")}"));
            throw new InvalidInputException(
                $"Expected thresholds for {way} in the model's card, found {others}; measure them with 'effnet verify MODEL DATA --save'.");
        }

        return own.Points.FirstOrDefault(point => Math.Abs(point.FalseAcceptRate - falseAcceptRate) <= 1e-9 * falseAcceptRate)
            ?? throw new InvalidInputException(
                $"Expected a threshold for the false accept rate {NumberText.Of(falseAcceptRate)} ({way}) in the model's card, found those " +
                $"for {string.Join(", ", own.Points.Select(point => NumberText.Of(point.FalseAcceptRate)))}; take one of " +
                "these, or measure on more images with 'effnet verify MODEL DATA --save'.");
    }

    /// <summary>
    /// Where the weights come from, as free key and value pairs: recipe, data fingerprint, metrics, tool version. Nothing reads
    /// them but people.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Provenance { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
