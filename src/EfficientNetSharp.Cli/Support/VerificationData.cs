using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Pairs;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What <c>effnet verify</c> compares: the pairs of a file, or those that a folder's identities make.</summary>
internal sealed record VerificationData
{
    public required IImageDataset Images { get; init; }

    /// <summary>Where they are, for people.</summary>
    public required string Source { get; init; }

    /// <summary>The pairs of a file; <see langword="null"/> for a folder.</summary>
    public VerificationPairs? Listed { get; init; }

    public static VerificationData Open(Terminal terminal, string path, string? images, string? split)
    {
        if (File.Exists(path) && VerificationPairs.IsCalledSo(path))
        {
            if (split is not null) throw new InvalidInputException($"'{path}' lists pairs and has no parts; leave out --split.");
            var pairs = VerificationPairs.Open(path, images);
            LeftOutView.Note(terminal, pairs.Warnings);
            LeftOutView.Note(terminal, pairs.LeftOut);
            return new VerificationData { Images = pairs.Images, Source = $"{path} ({pairs.Format})", Listed = pairs };
        }

        if (images is not null)
            throw new InvalidInputException($"--images goes with a file of pairs, found '{path}'; give the folder of images alone.");
        var given = Datasets.OpenPart(path, split);
        LeftOutView.Note(terminal, given.Warnings);
        return new VerificationData { Images = given.Images, Source = given.Source };
    }

    /// <summary>The same without images that the model was trained on, which it knows.</summary>
    public VerificationData Unseen(Terminal terminal, ModelCard card, bool includesTrained)
    {
        var learned = LearnedImages.Of(card, Images);
        if (learned.Learned.IsEmpty) return this;
        string what = $"note: the model was trained on {learned.Learned.Length} of these {Images.Count} images";
        if (includesTrained)
        {
            terminal.Note($"{what}; they are compared all the same, and the result says little of other images.");
            return this;
        }

        if (learned.Unseen.Count == 0)
        {
            throw new InvalidInputException(
                "The model was trained on all of these images, which it knows; give other images, or --include-trained to compare these.");
        }

        terminal.Note($"{what}; only the others are compared.");
        // The images stay numbered as they are, so that pairs find them.
        return this with { Left = [.. learned.Learned] };
    }

    /// <summary>Images that are not embedded.</summary>
    public ImmutableHashSet<int> Left { get; init; } = [];

    /// <summary>The images that are embedded.</summary>
    public IImageDataset Embedded => Left.IsEmpty
        ? Images
        : new SubsetDataset(Images, [.. Enumerable.Range(0, Images.Count).Where(image => !Left.Contains(image))]);

    /// <summary>For each row of embeddings its number among all images.</summary>
    public int[] ImagesOf(DatasetEmbeddings embeddings)
    {
        int[] kept = Left.IsEmpty ? [] : [.. Enumerable.Range(0, Images.Count).Where(image => !Left.Contains(image))];
        return [.. embeddings.Indices.Select(index => kept.Length == 0 ? index : kept[index])];
    }
}
