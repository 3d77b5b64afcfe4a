using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class SampleOrderTests
{
    private static readonly Gen<(int Count, int BatchSize, ulong Seed, int Epoch, int World)> Cases =
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 50], Gen.ULong, Gen.Int[0, 1000], Gen.Int[1, 5]);

    [Fact]
    public void The_permutation_is_that_of_the_documented_stream()
    {
        // From a Python SplitMix64 and Fisher–Yates written for this test, stream (42, epoch, 0, 1).
        Assert.Equal([4, 9, 6, 1, 8, 0, 7, 5, 2, 10, 3, 11], SampleOrder.Training(12, 4, 42, 3).Indices.ToArray());
        Assert.Equal([8, 0, 5, 3, 11, 6, 2, 9, 1, 4, 10, 7], SampleOrder.Training(12, 4, 42, 4).Indices.ToArray());
    }

    [Fact]
    public void Training_batches_are_full_distinct_and_only_a_part_batch_is_dropped()
    {
        Cases.Sample((count, batchSize, seed, epoch, _) =>
        {
            var order = SampleOrder.Training(count, batchSize, seed, epoch);
            int[] seen = All(order);
            Assert.Equal(seen.Length, seen.Distinct().Count());
            Assert.All(seen, index => Assert.InRange(index, 0, count - 1));
            Assert.Equal(count < batchSize ? 1 : count / batchSize, order.BatchCount);
            for (int b = 0; b < order.BatchCount; b++) Assert.Equal(Math.Min(count, batchSize), order.Batch(b).Length);
        });
    }

    [Fact]
    public void Ranks_together_see_what_one_process_with_the_larger_batch_sees()
    {
        Cases.Where(c => c.Count >= c.World).Sample((count, batchSize, seed, epoch, world) =>
        {
            var ranks = Enumerable.Range(0, world).Select(rank => SampleOrder.Training(count, batchSize, seed, epoch, rank, world)).ToArray();
            var together = SampleOrder.Training(count, batchSize * world, seed, epoch);
            Assert.All(ranks, order => Assert.Equal(together.BatchCount, order.BatchCount));
            for (int b = 0; b < together.BatchCount; b++)
            {
                int[] union = [.. ranks.SelectMany(order => order.Batch(b).ToArray())];
                Assert.All(ranks, order => Assert.Equal(ranks[0].Batch(b).Length, order.Batch(b).Length));
                // Only a single small batch may not share out evenly; the rest of the division is left out.
                Assert.Equal(together.Batch(b)[..union.Length].ToArray(), union);
                Assert.InRange(together.Batch(b).Length - union.Length, 0, world - 1);
            }
        });
    }

    [Fact]
    public void Evaluation_shows_every_picture_once_over_all_ranks()
    {
        Cases.Sample((count, batchSize, _, _, world) =>
        {
            var ranks = Enumerable.Range(0, world).Select(rank => SampleOrder.Evaluation(count, batchSize, rank, world)).ToArray();
            Assert.Equal(Enumerable.Range(0, count), ranks.SelectMany(All));
            Assert.InRange(ranks.Max(order => order.Indices.Length) - ranks.Min(order => order.Indices.Length), 0, 1);
            foreach (var order in ranks)
            {
                for (int b = 0; b + 1 < order.BatchCount; b++) Assert.Equal(batchSize, order.Batch(b).Length);
            }
        });
    }

    [Fact]
    public void Seeds_and_epochs_give_other_orders_and_equal_ones_the_same()
    {
        int[] order = All(SampleOrder.Training(100, 10, 1, 1));
        Assert.Equal(order, All(SampleOrder.Training(100, 10, 1, 1)));
        Assert.NotEqual(order, All(SampleOrder.Training(100, 10, 2, 1)));
        Assert.NotEqual(order, All(SampleOrder.Training(100, 10, 1, 2)));
    }

    [Fact]
    public void Every_picture_comes_at_every_place_equally_often()
    {
        const int count = 6, epochs = 6000;
        int[,] times = new int[count, count];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var order = SampleOrder.Training(count, count, 9, epoch).Indices;
            for (int place = 0; place < count; place++) times[place, order[place]]++;
        }
        // Binomial(6000, 1/6): mean 1000, standard deviation 28.9; six of them.
        foreach (int n in times) Assert.InRange(n, 827, 1173);
    }

    [Fact]
    public void Too_few_pictures_to_train_on_are_refused()
    {
        FolderDatasetTests.AssertRefused(() => SampleOrder.Training(3, 8, 0, 0, 1, 4), "4 processes", "found 3");
        FolderDatasetTests.AssertRefused(() => SampleOrder.Training(0, 8, 0, 0), "found 0");
        Assert.Equal(0, SampleOrder.Evaluation(0, 8).BatchCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleOrder.Training(3, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleOrder.Evaluation(3, 1, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleOrder.Evaluation(3, 1).Batch(3));
    }

    [Fact]
    public void Huge_batch_sizes_do_not_overflow()
    {
        Assert.Equal(5, SampleOrder.Training(10, int.MaxValue, 0, 0, 1, 2).Batch(0).Length);
        Assert.Equal(1, SampleOrder.Evaluation(10, int.MaxValue).BatchCount);
    }

    private static int[] All(SampleOrder order) => [.. Enumerable.Range(0, order.BatchCount).SelectMany(b => order.Batch(b).ToArray())];
}
