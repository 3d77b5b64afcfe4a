using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Loading;

public sealed class ShardShuffleTests
{
    /// <summary>Images in shards of equal length, numbered through; labels and contents do not matter.</summary>
    private sealed class Sharded(int count, int shardLength, int? needs = null) : IShardedDataset
    {
        public bool HasShards => true;

        public int? ShuffleBuffer => needs;

        public int Count => count;

        public ImmutableArray<string> Classes => ["a"];

        public int ShardOf(int index) => index / shardLength;

        public int PlaceOf(int index) => index % shardLength;

        public int LabelOf(int index) => 0;

        public string NameOf(int index) => $"{index}";

        public long SizeOf(int index) => 1;

        public void ReadEncoded(int index, EncodedBuffer buffer) => buffer.Write([(byte)(index % 200)]);
    }

    [Fact]
    public void Every_image_comes_once_and_ranks_share_the_order() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 60], Gen.Int[1, 50], Gen.Int[1, 30], Gen.ULong, Gen.Int[1, 4])
            .Sample((count, shardLength, buffer, batchSize, seed, ranks) =>
        {
            ranks = Math.Min(ranks, Math.Min(count, batchSize));
            var shuffle = ShardShuffle.Of(new Sharded(count, shardLength), buffer)!;
            var alone = SampleOrder.Training(count, batchSize, seed, 3, shuffle: shuffle);
            Assert.Equal(alone.Epoch.Length, alone.Epoch.ToArray().Distinct().Count());
            for (int b = 0; b < alone.BatchCount; b++)
            {
                Assert.Equal(
                    alone.Batch(b).ToArray(),
                    Enumerable.Range(0, ranks)
                    .SelectMany(rank => SampleOrder.Training(count, batchSize, seed, 3, rank, ranks, shuffle).Batch(b).ToArray()));
            }
            Assert.Equal(Enumerable.Range(0, count), Order(shuffle, seed, 3).Order());
        });

    [Fact]
    public void Nothing_comes_sooner_than_the_buffer_lets_it()
    {
        const int count = 5000, shardLength = 500, buffer = 200;
        int[] order = Order(ShardShuffle.Of(new Sharded(count, shardLength), buffer)!, 1, 0);
        // The places of the shards in the stream, by the first image that is seen of each, tell every image's place in it.
        int[] shards = [.. order.Select(index => index / shardLength).Distinct()];
        int[] stream = [.. shards.SelectMany(shard => Enumerable.Range(shard * shardLength, shardLength))];
        int[] placeOf = new int[count];
        for (int place = 0; place < count; place++) placeOf[stream[place]] = place;
        int[] waits = [.. order.Select((index, at) => at - placeOf[index])];
        Assert.All(waits, wait => Assert.InRange(wait, -(buffer - 1), count));
        // Apart from the ends the wait in the buffer, wait + K, is geometric with mean K: mean 200, median 139; e⁻³ beyond 600.
        double[] inner =
            [.. order.Take(count - (5 * buffer)).Select(index => (double)(Array.IndexOf(order, index) - placeOf[index] + buffer))];
        Assert.InRange(inner.Average(), 180, 220);
        Assert.InRange(inner.Count(wait => wait > 3 * buffer) / (double)inner.Length, 0.03, 0.07);
    }

    [Fact]
    public void Shards_come_in_another_order_each_epoch_and_for_each_seed()
    {
        var shuffle = ShardShuffle.Of(new Sharded(1000, 10), 1)!;
        Assert.Equal(100, shuffle.ShardCount);
        // A buffer of one leaves the images of a shard in their order.
        int[] order = Order(shuffle, 5, 0);
        for (int i = 1; i < order.Length; i++)
        {
            if (order[i] / 10 == order[i - 1] / 10) Assert.Equal(order[i - 1] + 1, order[i]);
        }

        Assert.NotEqual(order, Order(shuffle, 5, 1));
        Assert.NotEqual(order, Order(shuffle, 6, 0));
        Assert.Equal(order, Order(shuffle, 5, 0));
    }

    [Fact]
    public void A_buffer_as_large_as_the_set_places_every_image_anywhere_equally_often()
    {
        const int count = 6, epochs = 6000;
        var shuffle = ShardShuffle.Of(new Sharded(count, 2), count)!;
        int[,] times = new int[count, count];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            int[] order = Order(shuffle, 9, epoch);
            for (int place = 0; place < count; place++) times[place, order[place]]++;
        }

        // Binomial(6000, 1/6): mean 1000, standard deviation 28.9; six of them.
        foreach (int n in times) Assert.InRange(n, 827, 1173);
    }

    [Fact]
    public void Only_shards_are_shuffled_so_and_only_where_asked_or_needed()
    {
        Assert.Null(ShardShuffle.Of(Dataset(10), 4));
        Assert.Null(ShardShuffle.Of(new Sharded(10, 5), null));
        Assert.Equal(7, ShardShuffle.Of(new Sharded(10, 5, needs: 7), null)!.Buffer);
        Assert.Equal(3, ShardShuffle.Of(new Sharded(10, 5, needs: 7), 3)!.Buffer);
        Assert.Null(ShardShuffle.Of(new SubsetDataset(Dataset(10), [1, 2]), 4));
        // A selection keeps the shards of what it selects from, whatever its own order.
        var part = ShardShuffle.Of(new SubsetDataset(new Sharded(10, 5), [9, 0, 7, 2, 1]), 1)!;
        Assert.Equal(2, part.ShardCount);
        int[] order = Order(part, 1, 0);
        Assert.True(order is [1, 4, 3, 2, 0] or [2, 0, 1, 4, 3], string.Join(' ', order));
    }

    [Fact]
    public void The_loader_reads_in_this_order_and_goes_on_in_it() => WithoutHanging(() =>
    {
        var dataset = new Sharded(120, 30);
        var options = new BatchLoaderOptions { BatchSize = 16, Training = true, Seed = 2, Workers = 3, ShuffleBuffer = 20 };
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), options);
        var whole = Run(loader, 1);
        var order = SampleOrder.Training(120, 16, 2, 1, shuffle: ShardShuffle.Of(dataset, 20));
        Assert.Equal(order.Epoch.ToArray(), whole.SelectMany(batch => batch.Indices));
        Assert.NotEqual(SampleOrder.Training(120, 16, 2, 1).Epoch.ToArray(), order.Epoch.ToArray());
        for (int start = 0; start <= whole.Count; start++) AssertEqual(whole[start..], Run(loader, 1, start));
    });

    private static int[] Order(ShardShuffle shuffle, ulong seed, int epoch) =>
        SampleOrder.Training(shuffle.Count, shuffle.Count, seed, epoch, shuffle: shuffle).Epoch.ToArray();
}
