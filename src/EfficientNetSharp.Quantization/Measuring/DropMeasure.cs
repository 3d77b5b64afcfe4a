using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>What a quantized network's loss is measured by. A loss is in points of 100.</summary>
public sealed record DropMeasure
{
    private const string RateMark = "tar@";

    // The rates that users of thresholds ask for; the lowest that the pairs tell is taken.
    private static readonly ImmutableArray<double> Rates = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    private DropMeasure(string name, string description) => (Name, Description) = (name, description);

    /// <summary>
    /// The share of images whose top-1 class is another than the float network's: no less than what accuracy can lose, and no labels
    /// are needed.
    /// </summary>
    public static DropMeasure Agreement { get; } = new("agreement", "images with another class than in floats");

    /// <summary>What top-1 accuracy loses, by the images' labels; below 0 where it wins.</summary>
    public static DropMeasure Top1 { get; } = new("top1", "top-1 accuracy by the images' labels");

    /// <summary>One less the mean cosine between an image's outputs and the float network's.</summary>
    public static DropMeasure Cosine { get; } = new("cosine", "cosine to the float outputs");

    /// <summary>
    /// What the share of genuine pairs that are accepted loses (TAR@FAR), each network with its own threshold for the same rate of false
    /// accepts; below 0 where it wins. The rate is the lowest of 0.1 to 1e-6 that the images' pairs measure.
    /// </summary>
    public static DropMeasure TrueAcceptRate { get; } = new("tar", "true accept rate by the images' identities, at the lowest false accept rate that they tell, or at RATE");

    /// <summary>All of them.</summary>
    public static ImmutableArray<DropMeasure> All { get; } = [Agreement, Top1, Cosine, TrueAcceptRate];

    /// <summary>Its name as the command line spells it.</summary>
    public string Name { get; }

    /// <summary>What it is, for people.</summary>
    public string Description { get; }

    /// <summary>Of <see cref="TrueAcceptRate"/>: the rate of false accepts; <see langword="null"/> to take what the pairs tell.</summary>
    public double? FalseAcceptRate { get; private init; }

    /// <summary>Whether the images' labels – classes, or identities – are needed.</summary>
    public bool NeedsLabels => IsTop1 || IsTrueAcceptRate;

    private bool IsTop1 => Name == Top1.Name;

    private bool IsTrueAcceptRate => Name == TrueAcceptRate.Name;

    /// <summary>The one of a name; <c>tar@1e-3</c> names the rate of false accepts, too.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static DropMeasure Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (All.FirstOrDefault(measure => measure.Name == name) is { } known) return known;
        if (name.StartsWith(RateMark, StringComparison.Ordinal) && NumberText.TryParse(name.AsSpan(RateMark.Length), out double rate) && rate is > 0 and < 1)
            return TrueAcceptRate with { FalseAcceptRate = rate };
        throw new InvalidInputException(
            $"There is no measure {OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(measure => measure.Name))}, and tar@RATE with a rate of false accepts such as tar@1e-3.");
    }

    /// <summary>
    /// The usual one: accuracy where labels tell it, cosine for embeddings, and TAR@FAR where the images' identities make enough pairs.
    /// </summary>
    /// <param name="isClassifier">Whether the outputs are classes.</param>
    /// <param name="labels">A label for each image: its class among the outputs, or its identity; empty where none is known.</param>
    public static DropMeasure For(bool isClassifier, ReadOnlySpan<int> labels) =>
        isClassifier ? labels.IsEmpty ? Agreement : Top1
        : !labels.IsEmpty && RateFor(labels) is not null ? TrueAcceptRate : Cosine;

    /// <summary>Makes sure that it measures a network of this kind.</summary>
    /// <param name="isClassifier">Whether the outputs are classes.</param>
    /// <exception cref="InvalidInputException">It measures the other kind.</exception>
    public void EnsureMeasures(bool isClassifier)
    {
        if (isClassifier && IsTrueAcceptRate)
            throw new InvalidInputException("tar measures embeddings, and the model's outputs are classes; take top1, or agreement, which needs no labels.");
        if (!isClassifier && (IsTop1 || Name == Agreement.Name))
            throw new InvalidInputException($"{Name} measures classifiers, and the model's outputs are an embedding; take cosine, or tar with a folder per identity.");
    }

    /// <summary>The measure as it can be taken on some images, the rate of false accepts found.</summary>
    /// <param name="labels">A label for each image: its class among the outputs, or its identity; empty where none is known.</param>
    /// <exception cref="InvalidInputException">It cannot be taken; the message says what lacks.</exception>
    public DropMeasure On(ReadOnlySpan<int> labels)
    {
        if (IsTop1 && labels.IsEmpty)
            throw new InvalidInputException("top1 needs images with labels of the model's classes, found none; give a folder per class, or take agreement, which needs no labels.");
        if (!IsTrueAcceptRate) return this;
        if (labels.IsEmpty)
            throw new InvalidInputException("tar needs images of known identities, found none; give a folder per identity, or take cosine, which needs none.");
        var (genuine, impostors) = PairsOf(labels);
        if (genuine == 0 || impostors == 0)
            throw new InvalidInputException($"tar needs pairs of one identity and of two, found {NumberText.Counted(genuine, "pair")} of one and {impostors} of two among the {labels.Length} images to judge by; give more images per identity and more identities, or take cosine.");
        if (FalseAcceptRate is { } rate)
        {
            return RocCurve.IsMeasurable(rate, impostors) ? this : throw new InvalidInputException(
                $"tar@{NumberText.Of(rate)} needs {Math.Ceiling(1 / rate):0} pairs of two identities or more, found {impostors} among the {labels.Length} images to judge by; give more images, or a higher rate.");
        }

        return this with
        {
            FalseAcceptRate = RateFor(labels) ?? throw new InvalidInputException(
                $"tar needs at least {BinomialInterval.TrialsToMeasure(Rates[0])} pairs of two identities to choose a rate of false accepts, found {impostors} among the {labels.Length} images to judge by; give more images, name the rate as in tar@0.1, or take cosine."),
        };
    }

    /// <summary>Whether some images tell it, of a measure as <see cref="On"/> gives it.</summary>
    internal bool IsMeasurableOn(ReadOnlySpan<int> labels)
    {
        if (!NeedsLabels) return true;
        var (genuine, impostors) = PairsOf(labels);
        return !labels.IsEmpty && (IsTop1 || (genuine > 0 && FalseAcceptRate is { } rate && RocCurve.IsMeasurable(rate, impostors)));
    }

    /// <summary>What was lost, in words.</summary>
    /// <param name="points">Points of 100.</param>
    public string Describe(double points)
    {
        string number = FormattableString.Invariant($"{points:0.##} %");
        return IsTop1 ? $"{number} less top-1 accuracy than in floats"
            : IsTrueAcceptRate ? $"{number} less true accepts than in floats at a false accept rate of {NumberText.Of(FalseAcceptRate ?? Rates[0])}"
            : Name == Cosine.Name ? $"{number} less cosine than in floats"
            : $"{number} of images have another class than in floats";
    }

    private static double? RateFor(ReadOnlySpan<int> labels)
    {
        var (genuine, impostors) = PairsOf(labels);
        return genuine == 0 ? null : Rates.Where(rate => impostors >= BinomialInterval.TrialsToMeasure(rate)).Select(rate => (double?)rate).LastOrDefault();
    }

    private static (long Genuine, long Impostors) PairsOf(ReadOnlySpan<int> labels)
    {
        var counts = new Dictionary<int, long>();
        foreach (int label in labels) counts[label] = counts.GetValueOrDefault(label) + 1;
        long genuine = counts.Values.Sum(count => count * (count - 1) / 2), all = (long)labels.Length * (labels.Length - 1) / 2;
        return (genuine, all - genuine);
    }
}
