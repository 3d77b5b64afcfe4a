using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;

namespace EfficientNetSharp.Training.Distributed;

/// <summary>Judging with several processes: each takes a stretch of the images, and what they found is joined.</summary>
internal static class ShardedValidation
{
    /// <summary>Judges.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="images">All images.</param>
    /// <param name="judge">Judges some of them.</param>
    /// <returns>Count, share of right images and loss of all; what else it says is of this process's stretch.</returns>
    public static ClassificationResult Run(IProcessGroup group, IImageDataset images, Func<IImageDataset, ClassificationResult> judge)
    {
        int count = images.Count;
        // Each has an image at least, so that each has a result; with fewer images than processes some count with weight 0.
        int first = (int)((long)count * group.Rank / group.Size), end = (int)((long)count * (group.Rank + 1) / group.Size);
        bool counts = end > first;
        if (!counts) (first, end) = (0, 1);
        var own = judge(new SubsetDataset(images, [.. Enumerable.Range(first, end - first)]));
        double weight = counts ? own.Count : 0;
        double[] sums = counts ? [weight, weight * own.Top1, weight * (own.Loss ?? double.NaN)] : [0, 0, 0];
        group.AllReduceSum(sums.AsSpan());
        double loss = sums[2] / sums[0];
        return own with { Count = (long)sums[0], Top1 = sums[1] / sums[0], Loss = double.IsFinite(loss) ? loss : null };
    }
}
