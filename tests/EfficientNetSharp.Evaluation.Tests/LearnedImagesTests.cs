using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Evaluation.Tests;

public sealed class LearnedImagesTests
{
    private static readonly InMemoryDataset All =
        new(["a"], Enumerable.Range(0, 6).Select(i => new InMemoryImage($"{i}", 0, new[] { (byte)i })));

    [Fact]
    public void Images_of_the_model_and_of_those_before_it_are_learned_and_a_teachers_are_not()
    {
        var learned = LearnedImages.Of(Card(
            (ProvenanceKeys.ImageHashes, Hashes(1, 2)),
            ("from_" + ProvenanceKeys.ImageHashes, Hashes(2, 4)),
            ("from_from_" + ProvenanceKeys.ImageHashes, Hashes(5)),
            ("teacher_" + ProvenanceKeys.ImageHashes, Hashes(0))), All);
        Assert.Equal([1, 2, 4, 5], learned.Learned);
        Assert.Equal([0, 3], learned.Unseen.Indices);
    }

    [Fact]
    public void A_card_that_says_nothing_leaves_all()
    {
        var learned = LearnedImages.Of(Card(), All);
        Assert.Empty(learned.Learned);
        Assert.Equal(All.Count, learned.Unseen.Count);
        Assert.Null(LearnedImages.CrossValidatedTop1(Card()));
    }

    [Fact]
    public void A_cards_estimate_is_read() =>
        Assert.Equal(0.875, LearnedImages.CrossValidatedTop1(Card((ProvenanceKeys.CrossValidated("top1"), "0.875"))));

    private static string Hashes(params int[] images) => ImageHashes.Of(new SubsetDataset(All, [.. images]))!.ToString();

    private static ModelCard Card(params (string Key, string Value)[] entries) => new()
    {
        Classes = ["a"],
        Preprocessing = Preprocessing.ForSize(8),
        Provenance = entries.ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal),
    };
}
