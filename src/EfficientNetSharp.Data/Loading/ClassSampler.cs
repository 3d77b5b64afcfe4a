using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Draws an epoch's order by classes: groups of images of one class, for losses that compare images of a batch, or every class equally
/// often. The order is made of numbers before anything is read, so it can be shared out over ranks and taken up anywhere, as any other.
/// </summary>
/// <remarks>
/// A class's groups are spread evenly over the epoch, each drawn within its stretch, so that a batch has as many classes as the data allow.
/// What of a class fills no group is left out of this epoch, and is drawn anew for the next.
/// </remarks>
public sealed class ClassSampler
{
    private readonly int[][] _members;
    private readonly int _each;

    private ClassSampler(int[][] members, int groupSize, int each)
    {
        (_members, GroupSize, _each) = (members, groupSize, each);
        Count = _members.Sum(GroupsOf) * groupSize;
    }

    /// <summary>Images of one class that stand together.</summary>
    public int GroupSize { get; }

    /// <summary>Images of an epoch.</summary>
    public int Count { get; }

    /// <summary>A sampler.</summary>
    /// <param name="dataset">
    /// The images; classes with fewer than a group are never drawn. <see cref="Filled"/> makes them enough.
    /// </param>
    /// <param name="groupSize">Images of one class that stand together, at least 1.</param>
    /// <param name="balanced">Whether every class is drawn equally often: as often as the smallest has images.</param>
    public static ClassSampler Of(IImageDataset dataset, int groupSize, bool balanced)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        var members = new List<int>[dataset.Classes.Length];
        for (int label = 0; label < members.Length; label++) members[label] = [];
        for (int i = 0; i < dataset.Count; i++) members[dataset.LabelOf(i)].Add(i);
        int[][] present = [.. members.Where(ofClass => ofClass.Count > 0).Select(ofClass => ofClass.ToArray())];
        return new ClassSampler(present, groupSize, balanced && present.Length > 0 ? present.Min(ofClass => ofClass.Length) : int.MaxValue);
    }

    /// <summary>
    /// The dataset with the images of small classes named several times, so that each class fills its groups. Each time an image counts as
    /// another one, which chance changes otherwise.
    /// </summary>
    /// <param name="dataset">The images.</param>
    /// <param name="groupSize">Images of one class that stand together, at least 1.</param>
    /// <param name="balanced">Whether each class is to have as many images as the mean of them, for an epoch as long as before.</param>
    public static IImageDataset Filled(IImageDataset dataset, int groupSize, bool balanced)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        int[] counts = dataset.CountsOfClasses();
        int least = balanced ? Each(counts, groupSize) : groupSize;
        if (counts.All(count => count == 0 || count >= least)) return dataset;
        var firstOf = new List<int>[counts.Length];
        for (int label = 0; label < firstOf.Length; label++) firstOf[label] = [];
        for (int i = 0; i < dataset.Count; i++) firstOf[dataset.LabelOf(i)].Add(i);
        var again = firstOf.Where(own => own.Count > 0 && own.Count < least)
            .SelectMany(own => Enumerable.Range(0, least - own.Count).Select(extra => own[extra % own.Count]));
        return new SubsetDataset(dataset, [.. Enumerable.Range(0, dataset.Count), .. again]);
    }

    /// <summary>Draws an order.</summary>
    internal int[] Order(ref SeededRandom random)
    {
        var groups = new List<(double Place, int Class, int First)>();
        int[][] shuffled = [.. _members.Select(members => (int[])members.Clone())];
        for (int own = 0; own < shuffled.Length; own++)
        {
            random.Shuffle<int>(shuffled[own]);
            int count = GroupsOf(shuffled[own]);
            for (int group = 0; group < count; group++)
                groups.Add(((group + random.NextDouble()) / count, own, group * GroupSize));
        }

        groups.Sort();
        int[] order = new int[Count];
        for (int i = 0; i < groups.Count; i++)
            shuffled[groups[i].Class].AsSpan(groups[i].First, GroupSize).CopyTo(order.AsSpan(i * GroupSize));
        return order;
    }

    // Whole groups, as many as a class has on average, rounded up.
    private static int Each(int[] counts, int groupSize)
    {
        long all = counts.Sum(count => (long)count), classes = Math.Max(1, counts.Count(count => count > 0)) * (long)groupSize;
        return (int)((all + classes - 1) / classes) * groupSize;
    }

    private int GroupsOf(int[] members) => Math.Min(members.Length, _each) / GroupSize;
}
