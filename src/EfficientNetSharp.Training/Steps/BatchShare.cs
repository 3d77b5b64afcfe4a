using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Steps;

/// <summary>How a step's batch is shared out among the processes.</summary>
/// <param name="Total">Images of all processes.</param>
/// <param name="Min">Images of the process that has the fewest.</param>
/// <param name="Stops">Whether one of them has been asked to stop after this step.</param>
internal readonly record struct BatchShare(int Total, int Min, bool Stops)
{
    /// <summary>
    /// Whether there is a step: batch normalisation needs two values per channel, and each process an image; broken images can leave less.
    /// </summary>
    public bool IsStep => Total >= 2 && Min >= 1;

    /// <summary>Tells the others how many images this process has, and hears how many they have.</summary>
    public static BatchShare Agree(IProcessGroup group, int count, bool stops)
    {
        var counts = new double[group.Size + 1];
        counts[group.Rank] = count;
        counts[^1] = stops ? 1 : 0;
        group.AllReduceSum(counts.AsSpan());
        var all = counts.AsSpan(0, group.Size);
        double total = 0, min = double.MaxValue;
        foreach (double one in all) (total, min) = (total + one, Math.Min(min, one));
        return new BatchShare((int)total, (int)min, counts[^1] > 0);
    }
}
