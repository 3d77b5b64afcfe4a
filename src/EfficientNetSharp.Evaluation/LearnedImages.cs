using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// Which images of a dataset a model has learned from, by what its card says of them: images that it knows by heart cannot tell how good
/// it is on others.
/// </summary>
/// <param name="Learned">The numbers of those that it has learned from, itself or a model whose weights it was trained from.</param>
/// <param name="Unseen">All other images.</param>
public sealed record LearnedImages(ImmutableArray<int> Learned, SubsetDataset Unseen)
{
    /// <summary>Looks at the content of each image.</summary>
    /// <param name="card">The model's card.</param>
    /// <param name="images">The dataset.</param>
    /// <exception cref="InvalidInputException">What the card says is damaged.</exception>
    public static LearnedImages Of(ModelCard card, IImageDataset images)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(images);
        var learned = card.Provenance
            .Where(entry => IsOfTheWeights(entry.Key))
            .SelectMany(entry => ImageHashes.Parse(entry.Value).FindIn(images))
            .ToHashSet();
        return new LearnedImages(
            [.. learned.Order()],
            new SubsetDataset(images, [.. Enumerable.Range(0, images.Count).Where(image => !learned.Contains(image))]));
    }

    /// <summary>
    /// How good cross-validation found a training that left no image aside; <see langword="null"/> where the card does not say.
    /// </summary>
    /// <param name="card">The model's card.</param>
    public static double? CrossValidatedTop1(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        string? said = card.Provenance.GetValueOrDefault(ProvenanceKeys.CrossValidated(Measure.Top1.Name));
        return NumberText.TryParse(said, out double top1) ? top1 : null;
    }

    // Its own, and those of the models before it in the line of weights; a teacher's are another's.
    private static bool IsOfTheWeights(string key)
    {
        var rest = key.AsSpan();
        while (rest.StartsWith(ProvenanceKeys.FromPrefix, StringComparison.Ordinal)) rest = rest[ProvenanceKeys.FromPrefix.Length..];
        return rest.SequenceEqual(ProvenanceKeys.ImageHashes);
    }
}
