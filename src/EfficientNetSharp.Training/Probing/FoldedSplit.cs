using System.Collections.Immutable;
using EfficientNetSharp.Data;

namespace EfficientNetSharp.Training.Probing;

/// <summary>Images that are dealt to folds.</summary>
/// <param name="Images">All of them.</param>
/// <param name="FoldOf">The fold of each; <see cref="StratifiedFolds.None"/> for those that are never held out.</param>
/// <param name="Folds">Number of folds.</param>
internal sealed record FoldedSplit(IImageDataset Images, ImmutableArray<int> FoldOf, int Folds)
{
    /// <summary>Deals them, to no more folds than there are images to hold out.</summary>
    /// <param name="images">The images.</param>
    /// <param name="folds">Number of folds.</param>
    /// <param name="seed">Names the dealing.</param>
    public static FoldedSplit Of(IImageDataset images, int folds, ulong seed)
    {
        var foldOf = StratifiedFolds.Of(images, folds, seed);
        return new FoldedSplit(images, foldOf, Math.Min(folds, foldOf.Max() + 1));
    }

    /// <summary>The images of a fold.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="among">Those that may come.</param>
    public SubsetDataset HeldOut(int fold, IReadOnlySet<int> among) => Where(image => FoldOf[image] == fold && among.Contains(image));

    /// <summary>All images but a fold's.</summary>
    /// <param name="fold">The fold.</param>
    public SubsetDataset LearnedFrom(int fold) => Where(image => FoldOf[image] != fold);

    private SubsetDataset Where(Func<int, bool> isWanted) => new(Images, [.. Enumerable.Range(0, FoldOf.Length).Where(isWanted)]);
}
