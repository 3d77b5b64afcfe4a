using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class SampleOrderTests
{
    private static readonly Gen<(int Count, int BatchSize, ulong Seed, int Epoch, int Ranks)> Cases =
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 50], Gen.ULong, Gen.Int[0, 1000], Gen.Int[1, 5]);

    [Fact]
    public void The_permutation_is_that_of_the_documented_stream()
    {
        // From a Python SplitMix64 and Fisher–Yates written for this test, stream (42, epoch, 0, 1).
        Assert.Equal([4, 9, 6, 1, 8, 0, 7, 5, 2, 10, 3, 11], SampleOrder.Training(12, 4, 42, 3).Epoch.ToArray());
        Assert.Equal([8, 0, 5, 3, 11, 6, 2, 9, 1, 4, 10, 7], SampleOrder.Training(12, 4, 42, 4).Epoch.ToArray());
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
    public void Ranks_together_see_what_one_process_sees_in_every_batch()
    {
        Cases.Sample((count, batchSize, seed, epoch, ranks) =>
        {
            foreach (bool training in new[] { true, false })
            {
                if (training && Math.Min(count, batchSize) < ranks) continue;
                SampleOrder Of(int rank, int of) => training
                    ? SampleOrder.Training(count, batchSize, seed, epoch, rank, of)
                    : SampleOrder.Evaluation(count, batchSize, rank, of);
                var alone = Of(0, 1);
                var parts = Enumerable.Range(0, ranks).Select(rank => Of(rank, ranks)).ToArray();
                Assert.All(parts, part => Assert.Equal(alone.BatchCount, part.BatchCount));
                for (int b = 0; b < alone.BatchCount; b++)
                {
                    int[] whole = alone.Batch(b).ToArray();
                    Assert.Equal(whole, parts.SelectMany(part => part.Batch(b).ToArray()));
                    int row = 0;
                    foreach (var part in parts)
                    {
                        Assert.Equal(row, part.FirstRow(b));
                        Assert.Equal(whole, part.WholeBatch(b).ToArray());
                        Assert.InRange(part.Batch(b).Length, whole.Length / ranks, (whole.Length + ranks - 1) / ranks);
                        Assert.InRange(part.Batch(b).Length, 0, part.MaxRows);
                        row += part.Batch(b).Length;
                    }
                }
            }
        });
    }

    [Fact]
    public void The_parts_are_those_of_the_formula()
    {
        // 10 rows over 4 ranks: 10·r/4 rounded down is 0, 2, 5, 7, 10.
        Assert.Equal([2, 3, 2, 3], Enumerable.Range(0, 4).Select(rank => SampleOrder.Evaluation(10, 10, rank, 4).Batch(0).Length));
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(rank => SampleOrder.Evaluation(11, 10, rank, 3).Batch(1).Length));
    }

    [Fact]
    public void Evaluation_shows_every_image_once_over_all_ranks()
    {
        Cases.Sample((count, batchSize, _, _, ranks) =>
        {
            var parts = Enumerable.Range(0, ranks).Select(rank => SampleOrder.Evaluation(count, batchSize, rank, ranks)).ToArray();
            Assert.Equal(Enumerable.Range(0, count), parts.SelectMany(All).Order());
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
    public void Every_image_comes_at_every_place_equally_often()
    {
        const int count = 6, epochs = 6000;
        int[,] times = new int[count, count];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var order = SampleOrder.Training(count, count, 9, epoch).Epoch;
            for (int place = 0; place < count; place++) times[place, order[place]]++;
        }
        // Binomial(6000, 1/6): mean 1000, standard deviation 28.9; six of them.
        foreach (int n in times) Assert.InRange(n, 827, 1173);
    }

    [Fact]
    public void Too_few_images_to_train_on_are_refused()
    {
        DatasetChecks.AssertRefused(() => SampleOrder.Training(3, 8, 0, 0, 1, 4), "4 processes", "found 3");
        DatasetChecks.AssertRefused(() => SampleOrder.Training(0, 8, 0, 0), "found 0");
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
