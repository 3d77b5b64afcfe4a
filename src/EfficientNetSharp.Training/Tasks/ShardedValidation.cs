using EfficientNetSharp.Data;
using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// Judging with several processes, where score and loss are means over images: each takes a stretch of the images, and what they found is
/// joined.
/// </summary>
internal static class ShardedValidation
{
    /// <summary>Judges.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="images">All images.</param>
    /// <param name="judge">Judges some of them.</param>
    /// <returns>The result of all images.</returns>
    public static ValidationResult Run(IProcessGroup group, IImageDataset images, Func<IImageDataset, ValidationResult> judge)
    {
        if (group.Size == 1) return judge(images);
        int count = images.Count;
        // Each has an image at least, so that each has a result; with fewer images than processes some count with weight 0.
        int first = (int)((long)count * group.Rank / group.Size), end = (int)((long)count * (group.Rank + 1) / group.Size);
        bool counts = end > first;
        if (!counts) (first, end) = (0, 1);
        var own = judge(new SubsetDataset(images, [.. Enumerable.Range(first, end - first)]));
        double weight = counts ? own.Count : 0;
        double[] sums = counts ? [weight, weight * own.Score, weight * (own.Loss ?? double.NaN)] : [0, 0, 0];
        group.AllReduceSum(sums.AsSpan());
        double loss = sums[2] / sums[0];
        return new ValidationResult((long)sums[0], sums[1] / sums[0], double.IsFinite(loss) ? loss : null)
        {
            Unreadable = own.Unreadable,
        };
    }
}
