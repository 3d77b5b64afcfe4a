using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Tests;

public sealed class StratifiedSplitTests
{
    private static readonly Gen<(int[] Sizes, double Fraction, ulong Seed)> Cases =
        Gen.Select(Gen.Int[0, 40].Array[1, 12], Gen.Double[0.001, 0.999], Gen.ULong);

    [Fact]
    public void Parts_are_disjoint_complete_and_stratified()
    {
        Cases.Sample(
            (sizes, fraction, seed) =>
            {
                var dataset = Of(sizes);
                var (train, validation) = StratifiedSplit.Of(dataset, fraction, seed);
                Assert.Equal(Enumerable.Range(0, dataset.Count), train.Indices.Concat(validation.Indices).Order());
                for (int label = 0; label < sizes.Length; label++)
                {
                    int size = sizes[label], aside = DatasetChecks.Labels(validation).Count(l => l == label);
                    Assert.InRange(aside, size >= 2 ? 1 : 0, Math.Max(0, size - 1));
                    Assert.InRange(aside - (size * fraction), -1, 1);
                }
            },
            iter: 300);
    }

    [Fact]
    public void The_split_follows_from_seed_and_names_and_not_from_order()
    {
        Gen.Select(Cases, Gen.Int).Sample(
            (one, shuffle) =>
            {
                var dataset = Of(one.Sizes);
                var random = new Random(shuffle);
                var shuffled = new SubsetDataset(dataset, [.. Enumerable.Range(0, dataset.Count).OrderBy(_ => random.Next())]);
                Assert.Equal(
                    DatasetChecks.Names(StratifiedSplit.Of(dataset, one.Fraction, one.Seed).Validation).Order(StringComparer.Ordinal),
                    DatasetChecks.Names(StratifiedSplit.Of(shuffled, one.Fraction, one.Seed).Validation).Order(StringComparer.Ordinal));
            },
            iter: 100);
    }

    [Fact]
    public void The_images_chosen_are_those_of_the_documented_rule()
    {
        // From a Python SplitMix64 and FNV-1a written for this test: the smallest draws of each class under seed 7.
        string[] names =
            [.. Enumerable.Range(0, 10).Select(i => $"rose/{i}.jpg"), .. Enumerable.Range(0, 5).Select(i => $"tulip/é {i}.PNG")];
        var dataset = new InMemoryDataset(
            ["rose", "tulip"], names.Select(name => new InMemoryImage(name, name[0] == 'r' ? 0 : 1, default)));
        Assert.Equal(
            ["rose/1.jpg", "rose/4.jpg", "rose/5.jpg", "tulip/é 0.PNG", "tulip/é 1.PNG"],
            DatasetChecks.Names(StratifiedSplit.Of(dataset, 0.3, 7).Validation));
    }

    [Fact]
    public void Other_seeds_choose_other_images_and_each_image_is_chosen_at_its_rate()
    {
        var dataset = Of([40]);
        int[] chosen = new int[40];
        const int seeds = 400;
        for (ulong seed = 0; seed < seeds; seed++)
        {
            foreach (int index in StratifiedSplit.Of(dataset, 0.25, seed).Validation.Indices) chosen[index]++;
        }
        // Binomial(400, ¼): mean 100, standard deviation 8.7; six of them leave 2·10⁻⁹ an image to chance.
        Assert.All(chosen, times => Assert.InRange(times, 48, 152));
    }

    [Fact]
    public void A_dataset_that_grows_keeps_its_training_images_out_of_validation_but_for_the_new_share()
    {
        var before = StratifiedSplit.Of(Of([100]), 0.2, 5);
        var after = StratifiedSplit.Of(Of([110]), 0.2, 5);
        var old = DatasetChecks.Names(before.Validation).ToHashSet();
        // Ten more images can push at most ten of the twenty out; a fresh draw would keep about four.
        Assert.InRange(DatasetChecks.Names(after.Validation).Count(old.Contains), 10, 20);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_fraction_that_is_none_is_refused(double fraction) =>
        DatasetChecks.AssertRefused(() => StratifiedSplit.Of(Of([3]), fraction, 0), "fraction");

    private static InMemoryDataset Of(int[] sizes) => new(
        [.. sizes.Select((_, label) => $"c{label}")],
        sizes.SelectMany((size, label) => Enumerable.Range(0, size).Select(i => new InMemoryImage($"c{label}/{i}.jpg", label, default))));
}
