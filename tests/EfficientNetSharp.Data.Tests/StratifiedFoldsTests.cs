using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Tests;

public sealed class StratifiedFoldsTests
{
    private static readonly Gen<(int[] Sizes, int Folds, ulong Seed)> Cases =
        Gen.Select(Gen.Int[0, 30].Array[1, 12], Gen.Int[2, 9], Gen.ULong);

    [Fact]
    public void Each_class_and_the_whole_are_dealt_evenly()
    {
        Cases.Sample(
            (sizes, folds, seed) =>
            {
                var dataset = Of(sizes);
                var foldOf = StratifiedFolds.Of(dataset, folds, seed);
                Assert.Equal(dataset.Count, foldOf.Length);
                for (int label = 0; label < sizes.Length; label++)
                {
                    int[] counts = Counts(foldOf.Where((_, image) => dataset.LabelOf(image) == label), folds);
                    if (sizes[label] == 1)
                    {
                        Assert.Equal(0, counts.Sum());
                        continue;
                    }

                    Assert.Equal(sizes[label], counts.Sum());
                    Assert.InRange(counts.Max() - counts.Min(), 0, 1);
                }

                int[] all = Counts(foldOf, folds);
                Assert.InRange(all.Max() - all.Min(), 0, 1);
            },
            iter: 300);
    }

    [Fact]
    public void The_folds_follow_from_seed_and_names_and_not_from_order()
    {
        Gen.Select(Cases, Gen.Int).Sample(
            (one, shuffle) =>
            {
                var dataset = Of(one.Sizes);
                var random = new Random(shuffle);
                var shuffled = new SubsetDataset(dataset, [.. Enumerable.Range(0, dataset.Count).OrderBy(_ => random.Next())]);
                Assert.Equal(ByName(dataset, one.Folds, one.Seed), ByName(shuffled, one.Folds, one.Seed));
            },
            iter: 100);
    }

    [Fact]
    public void Fewer_than_two_folds_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedFolds.Of(Of([4]), 1, 0));

    private static SortedDictionary<string, int> ByName(IImageDataset dataset, int folds, ulong seed)
    {
        var foldOf = StratifiedFolds.Of(dataset, folds, seed);
        return new SortedDictionary<string, int>(
            Enumerable.Range(0, dataset.Count).ToDictionary(dataset.NameOf, image => foldOf[image]), StringComparer.Ordinal);
    }

    private static int[] Counts(IEnumerable<int> foldOf, int folds)
    {
        int[] counts = new int[folds];
        foreach (int fold in foldOf.Where(fold => fold != StratifiedFolds.None)) counts[fold]++;
        return counts;
    }

    private static InMemoryDataset Of(int[] sizes) => new(
        [.. sizes.Select((_, label) => $"class{label}")],
        sizes.SelectMany((size, label) => Enumerable.Range(0, size).Select(i => new InMemoryImage($"{label}/{i}", label, default))));
}
