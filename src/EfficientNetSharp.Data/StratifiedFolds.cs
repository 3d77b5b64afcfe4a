using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// Deals the images of each class to folds for cross-validation, as evenly as their numbers allow. Which fold an image is in follows from
/// the seed and the images' names alone, as with <see cref="DatasetSplits"/>; the order of the dataset does not matter.
/// </summary>
public static class StratifiedFolds
{
    /// <summary>The fold of an image that is in none.</summary>
    public const int None = -1;

    /// <summary>
    /// Deals the images. A class of n images has n/folds of them in each fold, rounded up or down, and so has the whole dataset: a class's
    /// first image goes to the fold after that of the last class's last one. The only image of a class is in no fold, so that whatever
    /// learns without a fold knows every class.
    /// </summary>
    /// <param name="dataset">The images.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    /// <param name="seed">Names the dealing.</param>
    /// <returns>The fold of each image, 0 … <paramref name="folds"/> − 1; −1 for none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds.</exception>
    public static ImmutableArray<int> Of(IImageDataset dataset, int folds, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        int[] foldOf = new int[dataset.Count];
        int next = 0;
        foreach (int[] ofClass in StratifiedSplit.OrderOfClasses(dataset, seed))
        {
            if (ofClass.Length == 1) foldOf[ofClass[0]] = None;
            foreach (int index in ofClass.Length == 1 ? [] : ofClass)
            {
                foldOf[index] = next;
                next = (next + 1) % folds;
            }
        }

        return [.. foldOf];
    }
}
