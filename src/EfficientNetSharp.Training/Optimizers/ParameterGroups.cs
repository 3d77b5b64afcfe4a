using System.Collections.Immutable;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>Which values learn, and how fast and with what decay. What no group covers stays as it is.</summary>
internal sealed class ParameterGroups
{
    /// <summary>Takes one group a tensor.</summary>
    /// <param name="tensors">The groups, in the vector's order, not overlapping.</param>
    public ParameterGroups(ImmutableArray<ParameterGroup> tensors)
    {
        Tensors = tensors;
        Stretches = Merge(tensors);
    }

    /// <summary>A group for each tensor that learns.</summary>
    public ImmutableArray<ParameterGroup> Tensors { get; }

    /// <summary>
    /// The same values in as few groups as settings allow: one pass over a long stretch is quicker than many over short ones.
    /// </summary>
    public ImmutableArray<ParameterGroup> Stretches { get; }

    /// <summary>A vector of which the first values decay and the others do not.</summary>
    public static ParameterGroups Split(int count, int decayed, double weightDecay) =>
        new([new(0, decayed, weightDecay), new(decayed, count - decayed, 0)]);

    private static ImmutableArray<ParameterGroup> Merge(ImmutableArray<ParameterGroup> tensors)
    {
        var merged = ImmutableArray.CreateBuilder<ParameterGroup>();
        foreach (var next in tensors)
        {
            if (merged.Count > 0 && merged[^1] is var last && last.End == next.Start && last.WeightDecay == next.WeightDecay
                && last.RateScale == next.RateScale)
                merged[^1] = last with { Count = last.Count + next.Count };
            else
                merged.Add(next with { RowLength = 0 });
        }

        return merged.ToImmutable();
    }
}
